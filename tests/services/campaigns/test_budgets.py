"""Budgets: shares that add up exactly, whatever the sum, the weights and the currency."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.money import Money
from bizosaas_app.services.campaigns import budgets

STEPS = {"EUR": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}

units = st.integers(0, 10**11 - 1)
"""Smallest units; a budget is less than 100,000,000,000 in any currency, and JPY has no smaller unit than itself."""
weights = st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=12).filter(any)


@given(units, st.sampled_from(sorted(STEPS)), weights)
def test_shares_add_up_exactly_and_none_is_a_unit_away_from_its_part(
    number: int, currency: str, by: list[Decimal]
) -> None:
    step = STEPS[currency]
    total = Money(number * step, currency)
    shares = budgets.split(total, by)
    assert sum(share.amount for share in shares) == total.amount
    whole = sum(map(Fraction, by))
    for share, weight in zip(shares, by, strict=True):
        part = Fraction(total.amount) * Fraction(weight) / whole
        assert share.amount >= 0
        assert abs(Fraction(share.amount) - part) < Fraction(step)
    assert budgets.find_faults(total.amount, [share.amount for share in shares], currency) == {}


@given(units, weights)
def test_more_weight_never_gets_less(number: int, by: list[Decimal]) -> None:
    shares = [share.amount for share in budgets.split(Money(number * STEPS["EUR"], "EUR"), by)]
    ranked = sorted(zip(by, shares, strict=True))
    for (lighter, less), (heavier, more) in pairwise(ranked):
        assert less <= more or lighter == heavier


def test_what_is_left_goes_to_those_that_lost_most_and_then_to_the_earlier() -> None:
    thirds = budgets.split(Money(Decimal(100), "EUR"), [Decimal(1)] * 3)
    assert [share.amount for share in thirds] == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    uneven = budgets.split(Money(Decimal("0.05"), "EUR"), [Decimal(1), Decimal(2), Decimal(3)])
    assert [share.amount for share in uneven] == [Decimal("0.01"), Decimal("0.02"), Decimal("0.02")]


@pytest.mark.parametrize("by", [[], [Decimal(0)], [Decimal(-1), Decimal(2)], [Decimal("NaN")]])
def test_weights_that_divide_nothing_are_refused_by_name(by: list[Decimal]) -> None:
    with pytest.raises(InputInvalid) as refused:
        budgets.split(Money(Decimal(1), "EUR"), by)
    assert list(refused.value.fields) == ["weights"]


@given(st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=4), st.integers(1, 1000))
def test_a_cent_too_many_or_too_few_is_named_to_the_cent(shares: list[Decimal], cents: int) -> None:
    off = Decimal(cents).scaleb(-2)
    more = budgets.find_faults(sum(shares), [*shares, off], "EUR")
    assert f"{off} more than the budget" in more["budget"]
    less = budgets.find_faults(sum(shares) + off, shares, "EUR")
    assert f"{off} less than the budget" in less["budget"]


def test_an_amount_finer_than_its_currency_is_named_by_its_field() -> None:
    faults = budgets.find_faults(Decimal("1.001"), [Decimal("0.5"), Decimal("0.501")], "EUR")
    assert faults == {"budget": "At most 2 decimals in EUR", "channels.1.budget": "At most 2 decimals in EUR"}
    assert budgets.find_faults(Decimal("0.5"), [], "JPY") == {"budget": "No decimals in JPY"}
    assert "from 0" in budgets.find_faults(Decimal(-1), [], "EUR")["budget"]
