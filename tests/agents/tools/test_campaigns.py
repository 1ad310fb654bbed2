"""Returns of campaigns against break-even."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.campaigns import campaign_returns
from tests.support.tool_runs import call, cells, figure


def campaign(name: str, spend: object, revenue: object, conversions: object = 20) -> dict[str, Any]:
    return {"name": name, "spend": str(spend), "revenue": str(revenue), "conversions": str(conversions)}


def measure(*campaigns: dict[str, Any], margin: object = 25) -> Any:
    return call(campaign_returns, campaigns=list(campaigns), margin_rate=str(margin))


@pytest.mark.parametrize(("revenue", "losing"), [(399, 1), (400, 0), (401, 0)])
def test_at_the_break_even_return_the_profit_is_nil(revenue: int, losing: int) -> None:
    result = measure(campaign("A", 100, revenue))
    assert figure(result, "break_even_roas") == 4
    assert figure(result, "losing_count") == losing


def test_return_cost_and_profit_are_those_of_the_sums() -> None:
    result = measure(campaign("A", 100, 900, 30), campaign("B", 200, 300, 20))
    assert figure(result, "roas") == 4
    assert figure(result, "cost_per_conversion") == 6
    assert figure(result, "break_even_cost") == 6
    assert figure(result, "profit") == 0
    assert figure(result, "best_campaign") == "A"
    assert figure(result, "best_profit") == 125
    assert figure(result, "worst_campaign") == "B"
    assert figure(result, "worst_loss") == 125
    assert figure(result, "losing_spend") == 200


def test_a_campaign_with_few_conversions_is_set_apart() -> None:
    result = measure(campaign("A", 100, 900), campaign("Young", 500, 0, 9))
    assert figure(result, "thin_count") == 1
    assert figure(result, "thin_spend") == 500
    assert figure(result, "losing_count") == 0
    assert figure(result, "worst_campaign") is None
    assert figure(result, "loss") == 375


def test_without_spend_there_is_no_return_and_without_conversions_no_cost() -> None:
    result = measure(campaign("A", 0, 50, 0))
    assert figure(result, "roas") is None
    assert figure(result, "cost_per_conversion") is None
    assert figure(result, "profit") == Decimal("12.50")


def test_a_margin_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="margin_rate"):
        measure(campaign("A", 1, 1), margin=0)


@pytest.mark.parametrize(("field", "value"), [("spend", "-1"), ("conversions", "x"), ("name", "")])
def test_a_bad_field_is_named(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=rf"campaigns\.0\.{field}"):
        measure(campaign("A", 1, 1) | {field: value})


money = st.decimals(0, 10**6, places=2)


@given(st.lists(st.tuples(money, money, st.integers(0, 500)), min_size=1, max_size=12), st.integers(1, 100))
def test_the_campaigns_add_up_to_the_whole(rows: list[tuple[Decimal, Decimal, int]], margin: int) -> None:
    result = measure(*(campaign(f"C{n}", *row) for n, row in enumerate(rows)), margin=margin)
    profit = figure(result, "profit") if figure(result, "profit") is not None else -figure(result, "loss")
    assert sum(cells(result, "campaigns", "profit")) == profit
    assert sum(cells(result, "campaigns", "spend")) == figure(result, "spend")
    assert sum(cells(result, "campaigns", "revenue")) == figure(result, "revenue")
