"""Drawing: short ways to make tables and charts, and counts that carry the name of what they count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from agents.facts import Fact, count, percent
from agents.parts import LONGEST_TABLE, Cell, CellKind, Column, Point, Series, Table

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_TINY: Final = 0.001
"""A probability that is given no closer: below it the methods are rough."""

Columns = Mapping[str, str | tuple[str, CellKind]]
"""Column key -> its label, or label and kind."""


def table(title: str, columns: Columns, rows: Sequence[dict[str, Cell]], currency: str | None = None) -> Table:
    """Make a table of as many rows as a table holds."""
    made = [
        Column(key=key, label=item) if isinstance(item, str) else Column(key=key, label=item[0], kind=item[1])
        for key, item in columns.items()
    ]
    return Table(title=title, columns=made, rows=list(rows[:LONGEST_TABLE]), currency=currency)


def bars(title: str, unit: str, heights: Iterable[tuple[str, float]]) -> Series:
    """Make a bar chart from names and heights."""
    return Series(title=title, form="bar", unit=unit, points=[Point(x=name, y=height) for name, height in heights])


def things(key: str, label: str, value: int, singular: str, plural: str | None = None) -> Fact:
    """Make the fact of a count whose form names what is counted: "1 post", "4 posts"."""
    made = count(key, label, value)
    word = singular if value == 1 else plural or f"{singular}s"
    return made.model_copy(update={"rendered": f"{made.rendered}{_NO_BREAK}{word.replace(' ', _NO_BREAK)}"})


def probability(key: str, label: str, chance: float) -> Fact:
    """Make the fact of a probability (0 to 1) in percent; a tiny one is said to be tiny, not none."""
    made = percent(key, label, chance * 100)
    if chance >= _TINY:
        return made
    return made.model_copy(
        update={"rendered": f"less{_NO_BREAK}than{_NO_BREAK}{percent('', '', _TINY * 100).rendered}"}
    )


def local(moment: datetime, timezone: str) -> datetime:
    """Give a moment in the company's time zone; one without a zone is taken as local already."""
    zone = ZoneInfo(timezone)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
