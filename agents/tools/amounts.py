"""Amounts: exact sums, shares that add up to the cent, and what the tools of money have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents.parts import CellKind, Column
from agents.tooling import Args, ToolContext

CENT: Final = Decimal("0.01")

Amount = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]
"""An amount of money that cannot be negative."""
SignedAmount = Annotated[Decimal, Field(max_digits=16, decimal_places=4)]
Percentage = Annotated[Decimal, Field(ge=0, le=1000, max_digits=9, decimal_places=4)]
"""Percent of a hundred: 19 is 19 %."""
Name = Annotated[str, Field(min_length=1, max_length=120)]


class Row(BaseModel):
    """A row of the input; unknown fields are refused, so that a misspelt column is not silently lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MoneyArgs(Args):
    """Arguments of a tool that speaks of money."""

    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )

    def currency_in(self, context: ToolContext) -> str:
        """Give the currency of the figures."""
        return self.currency or context.currency


def cents(value: Decimal) -> Decimal:
    """Round to the minor unit as books do it: halves away from zero."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def total(values: Iterable[Decimal]) -> Decimal:
    """Add up."""
    return sum(values, Decimal(0))


def percent_of(part: Decimal, whole: Decimal) -> Decimal | None:
    """Give the share in percent; None of nothing."""
    return part / whole * 100 if whole else None


def split(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split an amount by weights so that the shares add up to it to the cent; equally when no weight counts.

    Largest remainder (Hamilton's method): the cents that rounding down leaves go to the largest remainders.
    """
    if not weights:
        return []
    amount, whole = cents(amount), total(weights)
    if whole <= 0:
        weights, whole = [Decimal(1)] * len(weights), Decimal(len(weights))
    exact = [amount * weight / whole for weight in weights]
    shares = [value.quantize(CENT, rounding=ROUND_FLOOR) for value in exact]
    by_remainder = sorted(range(len(shares)), key=lambda place: (shares[place] - exact[place], place))
    for number in range(int((amount - total(shares)) / CENT)):
        shares[by_remainder[number % len(shares)]] += CENT
    return shares


def columns(**labels: str | tuple[str, CellKind]) -> list[Column]:
    """Give the columns of a table by key: a label, or a label with the kind of its cells."""
    return [
        Column(key=key, label=label) if isinstance(label, str) else Column(key=key, label=label[0], kind=label[1])
        for key, label in labels.items()
    ]
