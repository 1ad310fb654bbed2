"""Budgets: a sum divided among channels, exact to the currency's smallest unit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from babel.numbers import get_currency_precision

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.money import Money

LARGEST: Final = Decimal(10) ** 11
"""As much as any amount of ours may be."""


def split(total: Money, weights: Sequence[Decimal]) -> list[Money]:
    """Divide the sum in proportion to the weights; the shares add up to it exactly.

    What is left after rounding down goes, a smallest unit each, to those that lost most by it, earlier ones first
    (the method of the largest remainder). Raises `InputInvalid` for `weights`.
    """
    if any(not weight.is_finite() or weight < 0 for weight in weights) or not any(weights):
        raise InputInvalid({"weights": "Weights are not negative, and one of them is above zero"})
    step = Decimal(1).scaleb(-get_currency_precision(total.currency))
    units, whole = int(total.amount / step), sum(map(Fraction, weights), Fraction(0))
    exact = [units * Fraction(weight) / whole for weight in weights]
    shares = [int(share) for share in exact]
    by_loss = sorted(range(len(exact)), key=lambda place: shares[place] - exact[place])
    for place in by_loss[: units - sum(shares)]:
        shares[place] += 1
    return [Money(share * step, total.currency) for share in shares]


def find_faults(total: Decimal, shares: Sequence[Decimal], currency: str) -> dict[str, str]:
    """Give what is wrong with a budget and its shares, by field; empty when all is right to the smallest unit."""
    named = {"budget": total, **{f"channels.{place}.budget": share for place, share in enumerate(shares)}}
    faults = {field: fault for field, amount in named.items() if (fault := _find_fault(amount, currency))}
    if faults:
        return faults
    given = sum(shares, Decimal(0))
    if given == total:
        return {}
    how = "more" if given > total else "less"
    spent, off = Money(given, currency).amount, Money(abs(given - total), currency).amount
    return {"budget": f"The channels' shares add up to {spent} {currency}, {off} {how} than the budget"}


def _find_fault(amount: Decimal, currency: str) -> str | None:
    if not amount.is_finite() or not 0 <= amount < LARGEST:
        return f"Must be from 0 to less than {LARGEST:,f}"
    if Money(amount, currency).amount != amount:
        places = get_currency_precision(currency)
        return f"At most {places} decimals in {currency}" if places else f"No decimals in {currency}"
    return None
