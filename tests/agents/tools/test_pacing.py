"""Pace of spending within a period."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.pacing import ad_pacing
from tests.support.tool_runs import call, cells, figure

START = date(2026, 6, 1)


def pace(budgets: dict[str, object], spend: dict[str, list[object]], *, days: int = 30, **more: Any) -> Any:
    passed = max(len(amounts) for amounts in spend.values())
    rows = [
        {"campaign": name, "day": str(START + timedelta(days=n)), "spend": str(amount)}
        for name, amounts in spend.items()
        for n, amount in enumerate(amounts)
    ]
    arguments = {
        "start": START,
        "end": START + timedelta(days=days - 1),
        "as_of": START + timedelta(days=passed - 1),
        "budgets": [{"campaign": name, "budget": str(amount)} for name, amount in budgets.items()],
        "spend": rows,
    }
    return call(ad_pacing, **(arguments | more))


def test_an_even_spend_is_on_plan() -> None:
    result = pace({"A": 300}, {"A": [10] * 12})
    assert figure(result, "planned") == figure(result, "spent") == 120
    assert figure(result, "projected") == 300
    assert figure(result, "over_by") is figure(result, "under_by") is None
    assert figure(result, "daily_needed") == 10
    assert figure(result, "over_count") == figure(result, "under_count") == 0


def test_the_pace_of_the_last_week_is_carried_forward() -> None:
    result = pace({"A": 300}, {"A": [0, 0, 0, *[20] * 7]})
    # 140 so far and 20 days at 20.
    assert figure(result, "projected") == 540
    assert figure(result, "over_by") == 240
    # 160 are left: eight whole days, and the ninth goes over.
    assert figure(result, "runs_out_on") == "2026-06-19"
    assert figure(result, "daily_needed") == 8
    assert figure(result, "worst_over") == 240


def test_days_without_spend_slow_the_pace() -> None:
    result = pace({"A": 70}, {"A": [7, 0, 0, 0, 0, 0, 0]}, days=14)
    assert figure(result, "daily_now") == 1
    assert figure(result, "under_by") == 56
    assert figure(result, "worst_under") == 56


def test_before_a_week_has_passed_all_days_count() -> None:
    assert figure(pace({"A": 100}, {"A": [4, 6]}), "daily_now") == 5


def test_a_campaign_over_and_one_under_may_hide_each_other() -> None:
    result = pace({"A": 300, "B": 300}, {"A": [15] * 10, "B": [5] * 10})
    assert figure(result, "off_share") == 0
    assert (figure(result, "over_count"), figure(result, "under_count")) == (1, 1)


def test_on_the_last_day_nothing_is_left_to_pace() -> None:
    result = pace({"A": 100}, {"A": [10] * 10}, days=10)
    assert figure(result, "days_left") == 0
    assert figure(result, "daily_needed") is None
    assert figure(result, "projected") == 100


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"end": date(2026, 5, 1)}, "end"),
        ({"as_of": date(2026, 7, 9)}, "as_of"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_field(more: dict[str, Any], field: str) -> None:
    with pytest.raises(ToolNeedsMore, match=field):
        pace({"A": 10}, {"A": [1]}, **more)


def test_spend_of_a_campaign_without_a_budget_is_refused() -> None:
    with pytest.raises(ToolNeedsMore, match="spend: A has no budget"):
        pace({"B": 10}, {"A": [1]})


def test_a_campaign_with_several_budgets_is_refused() -> None:
    budgets = [{"campaign": "A", "budget": "1"}] * 2
    with pytest.raises(ToolNeedsMore, match="budgets"):
        call(ad_pacing, start=START, end=START, as_of=START, budgets=budgets, spend=[])


def test_a_bad_field_is_named() -> None:
    with pytest.raises(ValidationError, match=r"budgets\.0\.budget"):
        pace({"A": 0}, {"A": [1]})


amounts = st.lists(st.decimals(0, 500, places=2), min_size=1, max_size=25)


@given(st.dictionaries(st.sampled_from("ABC"), amounts, min_size=1), st.integers(1, 20000))
def test_the_campaigns_add_up_to_the_whole(spend: dict[str, list[object]], budget: int) -> None:
    result = pace(dict.fromkeys(spend, budget), spend)
    for column in ("budget", "spent", "planned", "projected"):
        assert sum(cells(result, "campaigns", column)) == figure(result, column)
    off = (figure(result, "over_by") or Decimal(0)) - (figure(result, "under_by") or Decimal(0))
    assert off == figure(result, "projected") - figure(result, "budget")
