"""Money at the door: exact amounts, never floats."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, NamedTuple

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from bizosaas_app.gateway.contracts.base import View

LIMIT: Final = Decimal(10) ** 11
"""Beyond it the four decimals are no longer kept by everything that counts with the amount."""
PLACES: Final = 4

_FORM: Final = "Use a number such as 12.50"


class MoneyView(View):
    """An amount as decimal text with its ISO 4217 currency; `XXX` is in no currency, such as points."""

    amount: str = Field(examples=["12.50"])
    currency: str = Field(examples=["EUR"])


class Sum(NamedTuple):
    """An amount that came in; without a currency it is in that of its context."""

    amount: Decimal
    currency: str | None


def exact(value: object) -> Decimal:
    """Give a JSON number or decimal text as what was written; raises ValueError for what is no such amount."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise ValueError(_FORM)
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError(_FORM) from None
    if not amount.is_finite() or not 0 <= amount < LIMIT:
        raise ValueError(f"Must be from 0 to less than {LIMIT:,f}")
    if amount != round(amount, PLACES):
        raise ValueError(f"At most {PLACES} decimals")
    return round(amount, PLACES)


def _sum(value: object) -> Sum:
    if not isinstance(value, dict):
        return Sum(exact(value), None)
    currency = value.get("currency")
    if value.keys() != {"amount", "currency"} or not isinstance(currency, str):
        raise ValueError("Use a number, or an object with amount and currency")
    return Sum(exact(value["amount"]), currency)


_NUMBER: Final[dict[str, Any]] = {"anyOf": [{"type": "number"}, {"type": "string"}], "examples": ["12.50"]}

Amount = Annotated[Decimal, PlainValidator(exact), WithJsonSchema(_NUMBER)]
"""A number or decimal text that is not negative, with at most four decimals."""
Order = Annotated[
    Sum,
    PlainValidator(_sum),
    WithJsonSchema(
        {
            "anyOf": [
                *_NUMBER["anyOf"],
                {
                    "type": "object",
                    "required": ["amount", "currency"],
                    "properties": {"amount": _NUMBER, "currency": {"type": "string"}},
                    "additionalProperties": False,
                },
            ],
            "examples": ["49.90"],
        }
    ),
]
"""An amount, or money as `{amount, currency}`."""


def _currency(value: str) -> str:
    if len(value) != 3 or not value.isascii() or not value.isupper():
        raise ValueError("Use an ISO 4217 code such as EUR")
    return value


Currency = Annotated[str, AfterValidator(_currency)]
"""A currency's code; whether there is such a currency, the service knows."""
