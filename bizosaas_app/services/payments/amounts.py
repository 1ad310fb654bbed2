"""Amounts as the providers write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from babel.numbers import get_currency_precision

from bizosaas_app.kernel.money import Money

_TEST: Final = {
    **dict.fromkeys(("AUD", "BRL", "CAD", "CHF", "EUR", "GBP", "NZD", "SGD", "USD"), 1),
    **dict.fromkeys(("AED", "ILS", "MYR", "PLN", "RON"), 5),
    **dict.fromkeys(("DKK", "HKD", "MXN", "NOK", "SEK", "THB"), 20),
    **dict.fromkeys(("CZK", "INR", "PHP", "TWD"), 50),
    **dict.fromkeys(("JPY",), 100),
    **dict.fromkeys(("HUF",), 500),
}
"""A test payment by currency, in whole units: about a dollar, and above the least that every provider takes
(docs.stripe.com/currencies lists Stripe's). Whole, because PayPal takes no decimals in HUF, JPY and TWD."""
CURRENCIES: Final = frozenset(_TEST)
"""Those that a test payment is known for."""


def trial(currency: str) -> Money:
    """Give what a test payment costs in a currency."""
    return Money(Decimal(_TEST[currency]), currency)


def minor_units(amount: Money) -> int:
    """Give an amount in the smallest unit of its currency, such as cents."""
    return int(amount.amount.scaleb(get_currency_precision(amount.currency)))


def plain(amount: Money) -> str:
    """Give an amount as decimal text; a whole one without decimals."""
    whole = amount.amount.to_integral_value()
    return str(whole) if whole == amount.amount else f"{amount.amount:f}"
