"""Checks of issued invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.invoice_checks import check_invoices
from tests.support.tool_runs import call, figure


def document(number: str = "R-1", **changed: Any) -> dict[str, Any]:
    right = {
        "number": number,
        "customer": f"Customer {number}",
        "issued_on": "2026-06-01",
        "lines": [{"quantity": 3, "unit_price": "33.33", "tax_rate": "19"}],
        "net": "99.99",
        "tax": "19.00",
        "gross": "118.99",
    }
    return right | changed


def problems(*documents: dict[str, Any], **more: Any) -> list[str]:
    return [item.problem for item in call(check_invoices, invoices=list(documents), **more).findings]


def test_a_right_invoice_passes_and_its_tax_is_rounded_by_rate() -> None:
    assert problems(document()) == []
    lines = [
        {"quantity": 1, "unit_price": "0.13", "tax_rate": "19"},
        {"quantity": 1, "unit_price": "0.13", "tax_rate": "19"},
    ]
    # 19 % of 0.26 is 0.0494, so 0.05; by line it would be 0.02 twice.
    assert problems(document(lines=lines, net="0.26", tax="0.05", gross="0.31")) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"net": "98.99", "gross": "117.99"}, "net total"),
        ({"tax": "18.99", "gross": "118.98"}, "tax is not"),
        ({"gross": "119.99"}, "gross total"),
    ],
)
def test_a_wrong_total_is_found_with_the_right_one(changed: dict[str, str], words: str) -> None:
    result = call(check_invoices, invoices=[document(**changed)])
    assert len(result.findings) == 1
    assert words in result.findings[0].problem
    assert result.findings[0].stated != result.findings[0].right


def test_a_difference_within_the_tolerance_passes() -> None:
    assert problems(document(tax="18.99", gross="118.98"), tolerance="0.01") == []


def test_a_rate_that_is_not_in_use_is_found() -> None:
    assert problems(document(), allowed_rates=["7", "21"]) == ["The tax rate 19 % is not in use"]
    assert problems(document(), allowed_rates=["7", "19.0"]) == []


def test_a_number_that_is_used_again_is_found() -> None:
    assert problems(document(), document(customer="Other")) == ["The number has been used already"]


@pytest.mark.parametrize(("day", "is_found"), [("2026-06-11", True), ("2026-06-12", False)])
def test_the_same_customer_and_amount_within_days_look_like_twins(day: str, is_found: bool) -> None:
    twin = document("R-2", customer=" CUSTOMER R-1", issued_on=day)
    result = call(check_invoices, invoices=[document(), twin], twin_days=10)
    assert bool(result.findings) == is_found
    assert figure(result, "twin_total") == (Decimal("118.99") if is_found else Decimal(0))


def test_gaps_are_named_within_their_run_only() -> None:
    numbers = ["A-008", "A-010", "A-012", "B7", "B9", "draft"]
    result = call(check_invoices, invoices=[document(number) for number in numbers])
    assert figure(result, "missing_count") == 3
    assert figure(result, "missing_numbers") == "A-009, A-011, B8"


def test_a_huge_gap_is_counted_and_only_its_beginning_named() -> None:
    result = call(check_invoices, invoices=[document("1"), document("900000000001")])
    assert figure(result, "missing_count") == 899_999_999_999
    assert len(figure(result, "missing_numbers").split(", ")) == 10


@pytest.mark.parametrize(("field", "value"), [("lines", []), ("net", "abc"), ("issued_on", ""), ("vat", "1")])
def test_a_bad_field_is_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=rf"invoices\.0\.{field}"):
        call(check_invoices, invoices=[document(**{field: value})])


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.decimals(0, 5000, places=2), st.sampled_from(["0", "7", "19"])),
        min_size=1,
        max_size=8,
    ),
    st.decimals(-50, 50, places=2),
)
def test_an_invoice_made_by_the_rules_passes_and_a_shifted_one_is_off_by_the_shift(
    lines: list[tuple[int, Decimal, str]], shift: Decimal
) -> None:
    net = sum((n * price for n, price, _ in lines), Decimal(0))
    bases = {rate: sum((n * price for n, price, r in lines if r == rate), Decimal(0)) for rate in ("7", "19")}
    tax = sum(((base * int(rate) / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP") for rate, base in bases.items()))
    rows = [{"quantity": n, "unit_price": str(price), "tax_rate": rate} for n, price, rate in lines]
    item = document(lines=rows, net=str(net), tax=str(tax), gross=str(net + tax + shift))
    result = call(check_invoices, invoices=[item])
    assert figure(result, "wrong_by") == abs(shift)
    assert figure(result, "finding_count") == (1 if shift else 0)
