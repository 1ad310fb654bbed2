"""Recurring revenue and what stays of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tooling import ToolNeedsMore
from agents.tools.subscriptions import subscription_metrics
from tests.support.tool_runs import call, figure


def measure(*rows: tuple[str, str, object]) -> Any:
    charges = [{"customer": name, "month": f"{month}-15", "amount": str(amount)} for name, month, amount in rows]
    return call(subscription_metrics, charges=charges)


def test_the_movement_of_a_month_is_taken_apart() -> None:
    result = measure(
        ("Stays", "2026-05", 100),
        ("Grows", "2026-05", 100),
        ("Shrinks", "2026-05", 100),
        ("Leaves", "2026-05", 100),
        ("Stays", "2026-06", 100),
        ("Grows", "2026-06", 150),
        ("Shrinks", "2026-06", 80),
        ("Comes", "2026-06", 60),
    )
    assert figure(result, "new_mrr") == 60
    assert figure(result, "expansion_mrr") == 50
    assert figure(result, "contraction_mrr") == 20
    assert figure(result, "churned_mrr") == 100
    assert figure(result, "net_retention") == 82.5
    assert figure(result, "gross_retention") == 70
    assert figure(result, "customer_churn") == 25
    assert figure(result, "quick_ratio") == 0.92
    assert figure(result, "largest_loss") == "Leaves"
    assert figure(result, "arr") == 390 * 12


def test_several_charges_of_a_customer_in_a_month_are_added_up() -> None:
    result = measure(("A", "2026-05", 40), ("A", "2026-05", 60), ("A", "2026-06", 100))
    assert figure(result, "net_retention") == 100
    assert figure(result, "lost_mrr") == 0


def test_without_losses_there_is_no_quick_ratio() -> None:
    result = measure(("A", "2026-05", 40), ("A", "2026-06", 50))
    assert figure(result, "quick_ratio") is None
    assert figure(result, "net_retention") == 125


def test_a_single_month_gives_no_retention() -> None:
    result = measure(("A", "2026-05", 40))
    assert figure(result, "mrr") == 40
    assert figure(result, "net_retention") is None
    assert result.movements == []


def test_a_month_without_charges_counts_as_lost_and_won_again() -> None:
    result = measure(("A", "2026-04", 40), ("A", "2026-06", 40))
    assert [item.churned for item in result.movements] == [40, 0]
    assert [item.new for item in result.movements] == [0, 40]


def test_the_turn_of_the_year_is_a_month_like_others() -> None:
    result = measure(("A", "2025-11", 40), ("A", "2026-02", 40))
    assert [item.month for item in result.movements] == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


@pytest.mark.parametrize(
    "rows", [[("A", "2026-05", 0)], [("A", "1990-01", 5), ("A", "2026-01", 5)]], ids=["nothing", "too long"]
)
def test_what_cannot_be_measured_is_refused_with_the_field(rows: list[tuple[str, str, object]]) -> None:
    with pytest.raises(ToolNeedsMore, match="charges"):
        measure(*rows)


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDE"), st.integers(1, 9), st.decimals(0, 1000, places=2)), min_size=1, max_size=30
    ).filter(lambda rows: any(amount for _, _, amount in rows))
)
def test_opening_gains_and_losses_add_up_to_closing(rows: list[tuple[str, int, Decimal]]) -> None:
    result = measure(*((name, f"2026-0{month}", amount) for name, month, amount in rows))
    for item in result.movements:
        assert item.opening + item.new + item.expansion - item.contraction - item.churned == item.closing
    for before, after in zip(result.movements, result.movements[1:], strict=False):
        assert before.closing == after.opening
