"""Landed cost: what a unit costs in one's own warehouse, and what is earned on it. Pure; Decimal throughout.

For one unit of an order of q, in one's own currency:

    price   = unit price for q (the highest price break that q reaches) x exchange rate
    freight = carriage and insurance of a unit x exchange rate
    duty    = duty rate x customs value, which is price + freight (CIF) or price (FOB)
    fees    = charges of the order x exchange rate / q
    landed  = price + freight + duty + fees

The customs value is the transaction value (WTO Customs Valuation Agreement, Article 1); whether carriage up to the
border belongs to it is for each member to say (Article 8.2). The EU adds it (Regulation (EU) 952/2013, Article
71(1)(e)), the United States do not (19 U.S.C. 1401a(b)(4)(A)). Import VAT is left out: it is deducted later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from typing import Any, Final, Literal

CustomsBasis = Literal["cif", "fob"]

STEP: Final = Decimal("0.0001")
"""Costs have four decimals, rounded up: what is understated would be missing from the margin."""
_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a supplier asks, in the supplier's currency; `duty_rate` is percent."""

    unit_price: Decimal
    price_breaks: Sequence[Mapping[str, Any]] = ()
    freight: Decimal = Decimal(0)
    order_fees: Decimal = Decimal(0)
    duty_rate: Decimal = Decimal(0)
    minimum_order: int = 1


@dataclass(frozen=True, slots=True)
class Landed:
    """The cost of one unit by its parts, in one's own currency, when so many are ordered; `total` is their sum."""

    quantity: int
    price: Decimal
    freight: Decimal
    duty: Decimal
    fees: Decimal

    @property
    def total(self) -> Decimal:
        """Price, freight, duty and fees together."""
        return self.price + self.freight + self.duty + self.fees


def land(terms: Terms, *, quantity: int, rate: Decimal = Decimal(1), basis: CustomsBasis = "cif") -> Landed:
    """Give the landed cost of a unit when `quantity` are wanted; at least the supplier's minimum is ordered.

    `rate` is what one unit of the supplier's currency costs in one's own.
    """
    ordered = max(quantity, terms.minimum_order)
    price, freight = price_for(terms, ordered) * rate, terms.freight * rate
    customs_value = price + freight if basis == "cif" else price
    return Landed(
        ordered,
        _up(price),
        _up(freight),
        _up(customs_value * terms.duty_rate / 100),
        _up(terms.order_fees * rate / ordered),
    )


def price_for(terms: Terms, quantity: int) -> Decimal:
    """Give the unit price for so many: that of the highest price break that they reach."""
    reached = [item for item in terms.price_breaks if item["from"] <= quantity]
    return Decimal(str(max(reached, key=lambda item: item["from"])["unit_price"])) if reached else terms.unit_price


def margin(price: Decimal, landed: Decimal) -> Decimal | None:
    """Give what is left of the price after the landed cost, in percent of the price; None for a price of nothing."""
    if price == 0:
        return None
    return ((price - landed) / price * 100).quantize(_TENTH, rounding=ROUND_HALF_EVEN)


def _up(value: Decimal) -> Decimal:
    return value.quantize(STEP, rounding=ROUND_CEILING)
