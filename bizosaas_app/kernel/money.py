"""Money: an exact amount with its ISO 4217 currency, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from babel.numbers import get_currency_precision, list_currencies

from bizosaas_app.kernel.errors import InputInvalid


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency, rounded to that currency's minor unit (half to even)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in list_currencies():
            raise InputInvalid({"currency": f"{self.currency} is not an ISO 4217 currency"})
        step = Decimal(1).scaleb(-get_currency_precision(self.currency))
        object.__setattr__(self, "amount", self.amount.quantize(step, rounding=ROUND_HALF_EVEN))

    def __str__(self) -> str:
        """Give the amount with all the decimals of its currency, such as `20.00 EUR`."""
        return f"{self.amount:,f} {self.currency}"

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def _same_currency(self, other: Money) -> None:
        if other.currency != self.currency:
            raise InputInvalid({"currency": f"{other.currency} cannot be added to {self.currency}"})
