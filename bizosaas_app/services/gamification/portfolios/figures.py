"""Figures: the numbers that a showcase may name, each with its period and where it comes from. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from babel.numbers import format_currency, format_decimal

from bizosaas_app.kernel.money import Money
from bizosaas_app.kernel.number_guard import Direction

LOCALE: Final = "en"
"""Locale of the texts that stand around the numbers."""
NAMED_EVENTS: Final = 20
"""Event ids that a figure carries along: enough to look into, and a row of some 30 KB at most."""

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from `begins` to `ends`, both included, in the tenant's time zone."""

    begins: date
    ends: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.ends - self.begins).days + 1


@dataclass(frozen=True, slots=True)
class Source:
    """How a figure was made: the aggregate, the event types, how many events, and the ids of some."""

    aggregate: str
    types: tuple[str, ...] = ()
    events: int = 0
    event_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name; `rendered` is the only form in which a text may carry it."""

    key: str
    label: str
    value: int | float | dict[str, str]
    rendered: str
    stretch: Stretch
    source: Source

    @property
    def direction(self) -> Direction | None:
        """Whether it tells of a rise or a fall; None for a plain number."""
        if not self.key.endswith("_change") or not isinstance(self.value, (int, float)):
            return None
        return "up" if self.value > 0 else "down"

    def dump(self) -> dict[str, Any]:
        """Give the figure as the row keeps it."""
        source = self.source
        return {
            "key": self.key,
            "label": self.label,
            "value": self.value,
            "rendered": self.rendered,
            "from": self.stretch.begins.isoformat(),
            "to": self.stretch.ends.isoformat(),
            "source": {
                "aggregate": source.aggregate,
                "types": list(source.types),
                "events": source.events,
                "event_ids": list(source.event_ids),
            },
        }

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Figure:
        """Read a figure of a row."""
        source = data["source"]
        return cls(
            key=data["key"],
            label=data["label"],
            value=data["value"],
            rendered=data["rendered"],
            stretch=Stretch(date.fromisoformat(data["from"]), date.fromisoformat(data["to"])),
            source=Source(source["aggregate"], tuple(source["types"]), source["events"], tuple(source["event_ids"])),
        )


def load_all(rows: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """Read the figures of a row."""
    return [Figure.load(row) for row in rows]


def number(key: str, label: str, value: Decimal, stretch: Stretch, source: Source) -> Figure:
    """Make the figure of a plain number, with two decimals at most."""
    exact = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    plain = int(exact) if exact == exact.to_integral_value() else float(exact)
    return Figure(key, label, plain, _unbroken(format_decimal(exact, "#,##0.##", locale=LOCALE)), stretch, source)


def money(key: str, label: str, value: Money, stretch: Stretch, source: Source) -> Figure:
    """Make the figure of an amount."""
    # A currency without a sign of its own stands before its amount as a word.
    rendered = re.sub(r"(?<=[A-Z])(?=\d)", _NO_BREAK, format_currency(value.amount, value.currency, locale=LOCALE))
    return Figure(
        key, label, {"amount": str(value.amount), "currency": value.currency}, _unbroken(rendered), stretch, source
    )


def change(figure: Figure, now: Decimal, before: Decimal) -> Figure | None:
    """Make the figure of this one's change in whole percent; None where there is none to speak of.

    The label and the sign of the value say whether it is a rise or a fall; the rendered form is its size.
    """
    if before <= 0:
        return None
    percent = int(((now - before) / before * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if percent == 0:
        return None
    label = f"{figure.label}, {'rise' if percent > 0 else 'fall'} on the period before"
    rendered = f"{format_decimal(abs(percent), locale=LOCALE)}%"
    return replace(figure, key=f"{figure.key}_change", label=label, value=percent, rendered=rendered)


def _unbroken(rendered: str) -> str:
    """Keep a form one word: a plain space inside would make it two numbers for whoever checks a text."""
    return rendered.replace(" ", _NO_BREAK)
