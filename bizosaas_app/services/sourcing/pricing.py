"""Pricing: a price follows from the landed cost by tiers, and is never below that cost plus the floor. Pure.

    wanted = landed x (1 + markup of the highest tier that it reaches)
    floor  = landed + the larger of the floor's amount and its percentage of the landed cost
    price  = the larger of both, raised to the currency's smallest coin and to the rule's ending

Only ever raised: rounding down could lead below the floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from babel.numbers import get_currency_precision

from bizosaas_app.services.sourcing.landed import STEP

MOST_TIERS: Final = 20
HIGHEST_MARKUP: Final = Decimal(10_000)
"""Percent: a hundred times the cost."""


@dataclass(frozen=True, slots=True)
class Tier:
    """From this landed cost on, so many percent on top."""

    begins: Decimal
    markup: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """Tiers by rising cost, the first of them from 0; the floor; and the ending, a fraction such as 0.99."""

    tiers: tuple[Tier, ...]
    floor_amount: Decimal = Decimal(0)
    floor_percent: Decimal = Decimal(0)
    ending: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Priced:
    """A price with where it comes from: the tier, the least that it may be, and whether that least decided."""

    price: Decimal
    floor_price: Decimal
    tier: Tier
    is_floor: bool


def find_faults(rule: Rule) -> dict[str, str]:
    """Say by field what is wrong with a rule; nothing for one that prices everything."""
    begins = [tier.begins for tier in rule.tiers]
    faults: dict[str, str] = {}
    if not begins or begins[0] != 0:
        faults["tiers.0.from"] = "The first tier must begin at 0, so that everything has a price"
    if len(begins) > MOST_TIERS:
        faults["tiers"] = f"Must be at most {MOST_TIERS} tiers"
    for place in range(1, len(begins)):
        if begins[place] <= begins[place - 1]:
            faults[f"tiers.{place}.from"] = "Must be more than that of the tier before"
    for place, tier in enumerate(rule.tiers):
        if not 0 <= tier.markup <= HIGHEST_MARKUP:
            faults[f"tiers.{place}.markup"] = f"Must be from 0 to {HIGHEST_MARKUP:,f} percent"
    if rule.floor_percent > HIGHEST_MARKUP:
        faults["floor_percent"] = f"Must be at most {HIGHEST_MARKUP:,f} percent"
    if rule.ending is not None and not 0 <= rule.ending < 1:
        faults["ending"] = "Must be a fraction such as 0.99"
    return faults


def price(landed: Decimal, rule: Rule, currency: str) -> Priced:
    """Give the price of what lands at this cost; `rule` is one without faults."""
    tier = tier_of(landed, rule.tiers)
    wanted, least = landed * (1 + tier.markup / 100), floor(landed, rule)
    return Priced(raise_to(max(wanted, least), rule.ending, currency), least, tier, least > wanted)


def floor(landed: Decimal, rule: Rule) -> Decimal:
    """Give the least price: the landed cost plus the floor, rounded up to four decimals."""
    earned = max(rule.floor_amount, landed * rule.floor_percent / 100)
    return (landed + earned).quantize(STEP, rounding=ROUND_CEILING)


def tier_of(landed: Decimal, tiers: Sequence[Tier]) -> Tier:
    """Give the highest tier that the cost reaches."""
    return max((tier for tier in tiers if tier.begins <= landed), key=lambda tier: tier.begins)


def raise_to(amount: Decimal, ending: Decimal | None, currency: str) -> Decimal:
    """Give the least price from this amount on that can be paid, and ends as the rule says.

    An ending that the currency has no coins for (0.99 in yen) is passed over.
    """
    coin = Decimal(1).scaleb(-get_currency_precision(currency))
    payable = amount.quantize(coin, rounding=ROUND_CEILING)
    if ending is None or ending != ending.quantize(coin, rounding=ROUND_FLOOR):
        return payable
    ended = payable.quantize(Decimal(1), rounding=ROUND_FLOOR) + ending
    return (ended if ended >= payable else ended + 1).quantize(coin)
