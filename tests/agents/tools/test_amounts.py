"""Exact sums and shares."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from agents.tools.amounts import cents, columns, percent_of, split

amounts = st.decimals(min_value=0, max_value=10**9, places=2)
weights = st.lists(st.decimals(min_value=0, max_value=10**6, places=3), min_size=1, max_size=30)


@given(amounts, weights)
def test_shares_add_up_to_the_amount_to_the_cent(amount: Decimal, parts: list[Decimal]) -> None:
    assert sum(split(amount, parts)) == amount


@given(amounts, weights)
def test_no_share_is_more_than_a_cent_from_its_exact_part(amount: Decimal, parts: list[Decimal]) -> None:
    whole = sum(parts)
    if not whole:
        return
    for share, part in zip(split(amount, parts), parts, strict=True):
        assert abs(share - amount * part / whole) < Decimal("0.0100001")


def test_the_cent_that_is_left_goes_to_the_largest_remainder() -> None:
    assert split(Decimal("100"), [Decimal(1), Decimal(1), Decimal(1)]) == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]
    assert split(Decimal("0.05"), [Decimal(1), Decimal(3)]) == [Decimal("0.01"), Decimal("0.04")]


def test_without_any_weight_the_shares_are_equal() -> None:
    assert split(Decimal("9"), [Decimal(0), Decimal(0)]) == [Decimal("4.50"), Decimal("4.50")]
    assert split(Decimal("9"), []) == []


def test_halves_are_rounded_away_from_zero() -> None:
    assert [cents(Decimal(value)) for value in ("0.005", "-0.005", "1.0049")] == [
        Decimal("0.01"),
        Decimal("-0.01"),
        Decimal("1.00"),
    ]


def test_a_share_of_nothing_is_unknown() -> None:
    assert percent_of(Decimal(1), Decimal(0)) is None
    assert percent_of(Decimal(1), Decimal(8)) == Decimal("12.5")


def test_columns_are_text_unless_their_kind_is_given() -> None:
    assert [(c.key, c.label, c.kind) for c in columns(name="Name", cost=("Cost", "money"))] == [
        ("name", "Name", "text"),
        ("cost", "Cost", "money"),
    ]
