"""Which late payer gets which letter."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tooling import ToolNeedsMore
from agents.tools.dunning import dunning_plan
from tests.support.tool_runs import call, cells, figure

TODAY = date(2026, 6, 30)


def debt(customer: str, days: int, amount: object = 100, paid: object = 0) -> dict[str, Any]:
    due = TODAY - timedelta(days=days)
    return {
        "number": f"{customer}-{days}",
        "customer": customer,
        "amount": str(amount),
        "paid": str(paid),
        "issued_on": (due - timedelta(days=14)).isoformat(),
        "due_on": due.isoformat(),
    }


def plan(*invoices: dict[str, Any], **more: Any) -> Any:
    return call(dunning_plan, invoices=list(invoices), as_of=TODAY, **more)


@pytest.mark.parametrize(
    ("days", "amount", "stage"),
    [
        (1, 100, "reminder"),
        (14, 100, "reminder"),
        (15, 100, "firm"),
        (44, 100, "firm"),
        (45, 100, "final"),
        (1, 5000, "firm"),
        (20, 5000, "final"),
        (90, 5000, "final"),
        (90, 24, "wait"),
        (90, 25, "final"),
    ],
)
def test_the_stage_follows_age_and_size(days: int, amount: int, stage: str) -> None:
    assert [letter.stage for letter in plan(debt("A", days, amount)).letters] == [stage]


def test_a_customer_gets_a_letter_for_all_debts_at_the_stage_of_the_oldest() -> None:
    result = plan(debt("A", 3, 40), debt("A", 50, 60, 20), debt("B", 2))
    assert [(letter.customer, letter.stage, letter.debt) for letter in result.letters] == [
        ("A", "final", Decimal(80)),
        ("B", "reminder", Decimal(100)),
    ]


def test_interest_runs_from_the_due_day_and_a_friendly_reminder_claims_none() -> None:
    result = plan(debt("A", 73, 1000), debt("B", 5, 1000), interest_rate="10")
    assert [letter.interest for letter in result.letters] == [Decimal("20.00"), Decimal("0")]
    assert figure(result, "claim_total") == 2020


def test_what_is_not_due_or_paid_gets_no_letter() -> None:
    result = plan(debt("A", 0), debt("B", -5), debt("C", 9, 100, 100))
    assert result.letters == []
    assert figure(result, "letter_count") == 0
    assert figure(result, "reminder_customer") is None


def test_without_any_invoice_the_plan_is_empty() -> None:
    assert figure(plan(), "letter_count") == 0


def test_stages_in_the_wrong_order_are_refused_with_the_field() -> None:
    with pytest.raises(ToolNeedsMore, match="final_after"):
        plan(debt("A", 5), firm_after=30, final_after=30)


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(-9, 200), st.decimals(0, 9999, places=2)), max_size=12),
    st.decimals(0, 20, places=1),
)
def test_debt_and_interest_add_up_to_the_claims(rows: list[tuple[str, int, Decimal]], rate: Decimal) -> None:
    result = plan(*(debt(*row) for row in rows), small_amount="0", interest_rate=str(rate))
    debts, interest = cells(result, "letters", "debt"), cells(result, "letters", "interest")
    assert sum(debts) == sum(amount for _, days, amount in rows if days > 0)
    assert sum(interest) == figure(result, "interest_total")
    assert sum(debts) + sum(interest) == sum(cells(result, "letters", "claim")) == figure(result, "claim_total")
