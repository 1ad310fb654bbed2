"""Unusual and repeated expenses."""

from __future__ import annotations

import math
from datetime import date, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.expenses import expense_anomalies
from tests.support.tool_runs import call, figure


def expense(number: int, amount: object, vendor: str = "", category: str = "Software") -> dict[str, Any]:
    day = date(2026, 1, 1) + timedelta(days=number)
    return {
        "reference": f"E{number}",
        "day": day.isoformat(),
        "vendor": vendor or f"Vendor {number}",
        "category": category,
        "amount": str(amount),
    }


def check(*amounts: object, **more: Any) -> Any:
    return call(expense_anomalies, expenses=[expense(n, amount) for n, amount in enumerate(amounts)], **more)


def test_an_amount_far_above_its_category_is_found_with_the_usual() -> None:
    result = check(48, 49, 50, 51, 52, 53, 490)
    assert [odd.expense.reference for odd in result.oddities] == ["E6"]
    assert figure(result, "top_usual") == 51


def test_the_score_is_the_distance_from_the_median_over_the_median_deviation() -> None:
    amounts = [40, 55, 50, 61, 47, 66, 900]
    logs = [math.log(amount) for amount in amounts]
    middle = median(logs)
    deviation = median(abs(value - middle) for value in logs)
    assert check(*amounts).oddities[0].score == pytest.approx(0.6745 * (logs[-1] - middle) / deviation, rel=1e-4)


def test_low_amounts_and_ordinary_scatter_are_nothing_unusual() -> None:
    assert check(1, 120, 180, 95, 210, 150, 160).oddities == []


def test_in_a_steady_category_a_small_rise_is_let_pass_and_a_large_one_is_not() -> None:
    assert check(100, 100, 100, 100, 100, 100, 110).oddities == []
    assert len(check(100, 100, 100, 100, 100, 100, 200).oddities) == 1


def test_a_category_with_few_expenses_is_not_judged_but_counted() -> None:
    result = check(10, 10, 10, 10, 9000)
    assert result.oddities == []
    assert figure(result, "thin_count") == 5


@pytest.mark.parametrize(("days", "count"), [(10, 1), (11, 0)])
def test_an_equal_payment_to_a_vendor_within_days_looks_like_a_repeat(days: int, count: int) -> None:
    rows = [expense(0, "320.00", "Blau"), expense(days, "320", "BLAU ")]
    result = call(expense_anomalies, expenses=rows, twin_days=10)
    assert figure(result, "twin_count") == count
    assert figure(result, "twin_total") == 320 * count


@pytest.mark.parametrize(("field", "value"), [("amount", "0"), ("amount", "-5"), ("day", "x"), ("vendor", "")])
def test_a_bad_field_is_named(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=rf"expenses\.0\.{field}"):
        call(expense_anomalies, expenses=[expense(0, 5) | {field: value}])


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=40), st.integers(2, 1000))
def test_the_currency_unit_changes_nothing(amounts: list[int], factor: int) -> None:
    found = [odd.expense.reference for odd in check(*amounts, twin_days=0).oddities]
    scaled = [odd.expense.reference for odd in check(*(a * factor for a in amounts), twin_days=0).oddities]
    assert sorted(found) == sorted(scaled)
