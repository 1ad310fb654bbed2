"""Ageing of open invoices."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.invoices import invoice_ageing
from tests.support.tool_runs import NOBODY, call, cells, figure

TODAY = date(2026, 6, 30)


def invoice(
    number: str, days: int, amount: str = "100", paid: str = "0", customer: str = "Nordlicht"
) -> dict[str, Any]:
    due = TODAY - timedelta(days=days)
    issued = due - timedelta(days=30)
    return {
        "number": number,
        "customer": customer,
        "amount": amount,
        "paid": paid,
        "issued_on": issued.isoformat(),
        "due_on": due.isoformat(),
    }


@pytest.mark.parametrize(
    ("days", "bucket"), [(-5, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (900, 4)]
)
def test_an_invoice_falls_into_the_bucket_of_its_days(days: int, bucket: int) -> None:
    amounts = cells(call(invoice_ageing, invoices=[invoice("A", days)], as_of=TODAY), "buckets", "amount")
    assert amounts == [Decimal(100) if place == bucket else Decimal(0) for place in range(5)]


def test_what_is_paid_counts_no_more() -> None:
    result = call(
        invoice_ageing,
        invoices=[invoice("A", 10, "100", "100"), invoice("B", 10, "100", "30"), invoice("C", 10, "100", "130")],
        as_of=TODAY,
    )
    assert figure(result, "open_count") == 1
    assert figure(result, "overdue_total") == Decimal(70)
    assert [item.number for item in result.overdue] == ["B"]


def test_the_largest_debtor_is_found_over_several_invoices() -> None:
    result = call(
        invoice_ageing,
        invoices=[invoice("A", 5, "60"), invoice("B", 50, "50"), invoice("C", 9, "100", customer="Lumen")],
        as_of=TODAY,
    )
    assert figure(result, "largest_debtor") == "Nordlicht"
    assert figure(result, "largest_debt") == Decimal(110)
    assert figure(result, "oldest_days") == 50


def test_with_everything_paid_there_is_neither_a_share_nor_a_debtor() -> None:
    result = call(invoice_ageing, invoices=[invoice("A", 5, "60", "60")], as_of=TODAY)
    assert figure(result, "open_total") == Decimal(0)
    assert figure(result, "overdue_share") is None
    assert figure(result, "largest_debtor") is None


def test_without_a_day_the_run_is_as_of_today() -> None:
    due = NOBODY.now.date() - timedelta(days=3)
    item = invoice("A", 0) | {"due_on": due.isoformat()}
    assert figure(call(invoice_ageing, invoices=[item]), "oldest_days") == 3


@pytest.mark.parametrize(
    ("field", "value"), [("amount", "-1"), ("number", ""), ("due_on", "soon"), ("customer", ""), ("note", "x")]
)
def test_a_bad_field_is_named(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=rf"invoices\.0\.{field}"):
        call(invoice_ageing, invoices=[invoice("A", 5) | {field: value}])


@given(
    st.lists(
        st.tuples(
            st.integers(-400, 400),
            st.decimals(min_value=0, max_value=10**6, places=2),
            st.decimals(min_value=0, max_value=10**6, places=2),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_the_buckets_add_up_to_what_is_open(rows: list[tuple[int, Decimal, Decimal]]) -> None:
    items = [invoice(f"N{n}", days, str(amount), str(paid)) for n, (days, amount, paid) in enumerate(rows)]
    result = call(invoice_ageing, invoices=items, as_of=TODAY)
    amounts = cells(result, "buckets", "amount")
    assert sum(amounts) == figure(result, "open_total") == sum(max(a - p, Decimal(0)) for _, a, p in rows)
    assert sum(amounts[1:]) == figure(result, "overdue_total")
