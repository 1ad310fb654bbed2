"""Facts: the named figures that tools give. A text may carry a number only as the rendered form of one of them."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final, Literal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from pydantic import BaseModel, ConfigDict

from bizosaas_app.kernel.number_guard import Direction

LOCALE: Final = "en"
"""Locale of the texts that stand around the figures."""
LONGEST_TEXT: Final = 120
"""Characters of a name that a text may carry: names come from tenants' data and are nobody's essay."""

Unit = Literal["count", "number", "percent", "money", "days", "hours", "ratio", "date", "text"]
"""`percent` is of a hundred (12.5 is 12.5 %); `ratio` is a plain quotient such as a return on ad spend; `text` is a
name from the data."""

_PRECISION: Final = 400
"""Digits: rounding a number of more raises, and a float has up to 309 before its point."""
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_WORDS: Final[dict[str, str]] = {"days": "day", "hours": "hour"}


class Fact(BaseModel):
    """A figure with its name; `rendered` is the only form in which a text may carry it."""

    model_config = ConfigDict(frozen=True)

    key: str
    label: str
    unit: Unit
    value: int | float | str | dict[str, str]
    """A number, the text itself, an ISO date, or an amount as `{amount, currency}`."""
    rendered: str

    @property
    def size(self) -> float | str:
        """The value as a condition compares it: a number, or the text itself."""
        if isinstance(self.value, dict):
            return float(self.value["amount"])
        return self.value

    @property
    def direction(self) -> Direction | None:
        """Whether it tells of a rise or a fall, for the number guard; None for what is no change."""
        if not self.key.endswith("_change") or isinstance(self.size, str) or not self.size:
            return None
        return "up" if self.size > 0 else "down"


def count(key: str, label: str, value: int) -> Fact:
    """Make the fact of a whole number."""
    return Fact(key=key, label=label, unit="count", value=value, rendered=format_decimal(value, locale=LOCALE))


def number(key: str, label: str, value: float | Decimal, *, digits: int = 2, unit: Unit = "number") -> Fact:
    """Make the fact of a number with `digits` decimals at most."""
    exact = _round(value, digits)
    plain = int(exact) if exact == exact.to_integral_value() else float(exact)
    return Fact(key=key, label=label, unit=unit, value=plain, rendered=_decimal(exact, digits))


def percent(key: str, label: str, value: float | Decimal, *, digits: int = 1) -> Fact:
    """Make the fact of a share or a change in percent (12.5 for 12.5 %)."""
    made = number(key, label, value, digits=digits, unit="percent")
    return made.model_copy(update={"rendered": f"{made.rendered}%"})


def ratio(key: str, label: str, value: float | Decimal, *, digits: int = 2) -> Fact:
    """Make the fact of a quotient, such as a return on ad spend."""
    return number(key, label, value, digits=digits, unit="ratio")


def span(key: str, label: str, value: float | Decimal, unit: Literal["days", "hours"], *, digits: int = 0) -> Fact:
    """Make the fact of a length of time; the form carries its unit."""
    made = number(key, label, value, digits=digits, unit=unit)
    word = _WORDS[unit] if made.value == 1 else unit
    return made.model_copy(update={"rendered": f"{made.rendered}{_NO_BREAK}{word}"})


def money(key: str, label: str, value: Decimal, currency: str) -> Fact:
    """Make the fact of an amount in an ISO 4217 currency, rounded to its minor unit."""
    exact = _round(value, 2)
    with localcontext(prec=_PRECISION):
        rendered = format_currency(exact, currency, locale=LOCALE).replace(" ", _NO_BREAK)
    return Fact(
        key=key, label=label, unit="money", value={"amount": str(exact), "currency": currency}, rendered=rendered
    )


def day(key: str, label: str, value: date) -> Fact:
    """Make the fact of a day."""
    rendered = format_date(value, format="d MMMM y", locale=LOCALE).replace(" ", _NO_BREAK)
    return Fact(key=key, label=label, unit="date", value=value.isoformat(), rendered=rendered)


def text(key: str, label: str, value: str) -> Fact:
    """Make the fact of a name from the data: one line, cut to `LONGEST_TEXT` characters."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    shown = line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 1]}\N{HORIZONTAL ELLIPSIS}"
    return Fact(key=key, label=label, unit="text", value=shown, rendered=shown or "(no name)")


def by_key(facts: list[Fact]) -> dict[str, Fact]:
    """Give the facts by their keys; a later one replaces an earlier one."""
    return {fact.key: fact for fact in facts}


def _round(value: float | Decimal, digits: int) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    with localcontext(prec=_PRECISION):
        return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _decimal(value: Decimal, digits: int) -> str:
    shape = "#,##0." + "#" * digits if digits else "#,##0"
    with localcontext(prec=_PRECISION):
        return format_decimal(value, shape, locale=LOCALE)
