"""Projection of the bank balance."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.cash import cash_projection
from tests.support.tool_runs import call, cells, figure

START = date(2026, 7, 1)


def project(*flows: dict[str, Any], opening: str = "1000", weeks: int = 8, **more: Any) -> Any:
    return call(cash_projection, opening=opening, flows=list(flows), start=START, weeks=weeks, **more)


def flow(amount: str, on: str, every: str = "never", **more: Any) -> dict[str, Any]:
    return {"label": more.pop("label", "Item"), "amount": amount, "day": on, "every": every, **more}


def test_the_lowest_point_and_its_day_are_found() -> None:
    result = project(flow("-700", "2026-07-10"), flow("-200", "2026-07-20"), flow("500", "2026-07-25"))
    assert figure(result, "lowest") == Decimal(100)
    assert figure(result, "lowest_on") == "2026-07-20"
    assert figure(result, "closing") == Decimal(600)
    assert figure(result, "headroom") == Decimal(100)
    assert figure(result, "short_by") is None


def test_below_the_reserve_the_gap_and_its_earliest_day_are_given() -> None:
    result = project(flow("-700", "2026-07-10"), flow("-200", "2026-07-20"), reserve="400")
    assert figure(result, "short_by") == Decimal(300)
    assert figure(result, "short_on") == "2026-07-10"
    assert figure(result, "headroom") is None


def test_payments_of_the_same_day_are_netted() -> None:
    result = project(flow("-1500", "2026-07-10"), flow("1500", "2026-07-10"))
    assert figure(result, "lowest") == Decimal(1000)


@pytest.mark.parametrize(
    ("every", "on", "times"),
    [("never", "2026-07-01", 1), ("week", "2026-07-01", 8), ("month", "2026-07-01", 2), ("quarter", "2026-07-01", 1)],
)
def test_a_flow_repeats_as_it_says(every: str, on: str, times: int) -> None:
    assert figure(project(flow("-10", on, every)), "money_out") == Decimal(10 * times)


def test_a_monthly_flow_of_the_last_day_keeps_to_the_end_of_shorter_months() -> None:
    result = call(
        cash_projection,
        opening="0",
        flows=[flow("10", "2026-01-31", "month")],
        start=date(2026, 1, 31),
        weeks=13,
    )
    assert rises(result) == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]


def rises(result: Any) -> list[str]:
    before, found = 0.0, []
    for point in result.parts["balance"].points:
        if point.y != before:
            found.append(point.x)
        before = point.y
    return found


def test_a_flow_that_began_before_the_start_goes_on_and_ends_in_time() -> None:
    result = project(flow("-10", "2026-06-03", "week", until="2026-07-15"))
    assert figure(result, "money_out") == Decimal(30)


def test_late_income_is_tried_out_and_expenses_stay() -> None:
    result = project(flow("-900", "2026-07-10"), flow("800", "2026-07-05"), late_days=14, reserve="200")
    assert figure(result, "lowest") == Decimal(900)
    assert figure(result, "late_lowest") == Decimal(100)
    assert figure(result, "late_short_by") == Decimal(100)


def test_income_that_would_come_after_the_end_is_missing_when_late() -> None:
    result = project(flow("800", "2026-08-20"), late_days=30)
    assert figure(result, "closing") == Decimal(1800)
    assert figure(result, "late_lowest") == Decimal(1000)


def test_the_largest_expense_is_summed_over_its_payments() -> None:
    result = project(flow("-300", "2026-07-01", "month", label="Rent"), flow("-500", "2026-07-02", label="Desk"))
    assert figure(result, "largest_out") == "Rent"
    assert figure(result, "largest_out_total") == Decimal(600)


@pytest.mark.parametrize(("field", "value"), [("every", "day"), ("amount", "much"), ("day", "2026-13-01")])
def test_a_bad_field_is_named(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=rf"flows\.0\.{field}"):
        project(flow("1", "2026-07-01") | {field: value})


flows = st.lists(
    st.builds(
        lambda cents, days, every: flow(str(Decimal(cents) / 100), str(START + timedelta(days=days)), every),
        st.integers(-(10**7), 10**7),
        st.integers(-60, 120),
        st.sampled_from(["never", "week", "month", "quarter", "year"]),
    ),
    min_size=1,
    max_size=12,
)


@given(flows, st.integers(1, 20))
def test_opening_and_flows_add_up_to_closing_and_weeks_hang_together(rows: list[dict[str, Any]], weeks: int) -> None:
    result = project(*rows, weeks=weeks)
    opening, closing = cells(result, "weekly", "opening"), cells(result, "weekly", "closing")
    money_in, money_out = cells(result, "weekly", "money_in"), cells(result, "weekly", "money_out")
    assert figure(result, "closing") == Decimal(1000) + figure(result, "money_in") - figure(result, "money_out")
    assert sum(money_in) == figure(result, "money_in")
    assert sum(money_out) == figure(result, "money_out")
    assert opening[1:] == closing[:-1]
    assert all(o + i - u == c for o, i, u, c in zip(opening, money_in, money_out, closing, strict=True))
    assert min(cells(result, "weekly", "lowest")) == figure(result, "lowest")
