"""Profit by client."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.clients import client_profitability
from tests.support.tool_runs import call, cells, figure


def work(client: str, hours: object, cost: object = 50, bill: object = 0) -> dict[str, Any]:
    return {"client": client, "hours": str(hours), "cost_rate": str(cost), "bill_rate": str(bill)}


def test_profit_is_revenue_less_labour_costs_and_overhead_by_hours() -> None:
    result = call(
        client_profitability,
        work=[work("A", 30, 50, 100), work("B", 10, 50, 100)],
        costs=[{"client": "B", "amount": "100"}],
        overhead="400",
    )
    assert cells(result, "clients", "overhead") == [300, 100]
    assert cells(result, "clients", "profit") == [1200, 300]
    assert figure(result, "margin") == 37.5


def test_a_fee_is_revenue_and_makes_its_hours_no_gift() -> None:
    result = call(client_profitability, work=[work("A", 10)], fees=[{"client": "A", "amount": "1000"}])
    assert figure(result, "profit") == 500
    assert figure(result, "unbilled_hours") == 0


def test_hours_without_charge_or_fee_are_named_with_their_cost() -> None:
    result = call(client_profitability, work=[work("A", 10, 50, 100), work("A", "2.5", 40)])
    assert figure(result, "unbilled_hours") == 2.5
    assert figure(result, "unbilled_cost") == 100


def test_the_needed_rate_of_the_weakest_gives_the_wanted_margin() -> None:
    result = call(client_profitability, work=[work("A", 10, 50, 60), work("B", 10, 50, 90)], target_margin="20")
    assert figure(result, "worst_client") == "A"
    needed = figure(result, "worst_needed")
    assert needed == Decimal("62.50")
    assert (needed - 50) / needed == Decimal("0.2")


def test_a_client_with_a_fee_but_no_hours_has_no_hourly_figures() -> None:
    result = call(client_profitability, work=[work("A", 1, 1, 100)], fees=[{"client": "B", "amount": "0"}])
    assert figure(result, "worst_client") == "B"
    assert figure(result, "worst_needed") is None


def test_a_loss_is_given_as_a_loss() -> None:
    result = call(client_profitability, work=[work("A", 10)])
    assert figure(result, "loss") == 500
    assert figure(result, "margin") is None
    assert figure(result, "losing_total") == 500


@pytest.mark.parametrize(("field", "value"), [("hours", "0"), ("cost_rate", "-1"), ("client", ""), ("rate", "5")])
def test_a_bad_field_is_named(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=rf"work\.0\.{field}"):
        call(client_profitability, work=[work("A", 1) | {field: value}])


rows = st.lists(
    st.tuples(
        st.sampled_from("ABCD"),
        st.decimals("0.01", 200, places=2),
        st.decimals(0, 200, places=2),
        st.decimals(0, 300, places=2),
    ),
    min_size=1,
    max_size=15,
)


@given(rows, st.decimals(0, 10**6, places=2))
def test_the_clients_add_up_to_the_whole(items: list[tuple[str, Decimal, Decimal, Decimal]], overhead: Decimal) -> None:
    result = call(client_profitability, work=[work(*item) for item in items], overhead=str(overhead))
    assert sum(cells(result, "clients", "overhead")) == overhead
    assert sum(cells(result, "clients", "revenue")) == figure(result, "revenue")
    assert sum(cells(result, "clients", "profit")) == figure(result, "profit")
