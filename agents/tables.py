"""Short ways to make the parts that most tools give: a table of named columns, a chart of points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from agents.parts import LONGEST_TABLE, Cell, CellKind, Column, Point, Series, Table

MOST_BARS: Final = 60
"""Bars that a person can still tell apart."""
LONGEST_LINE: Final = 1000
LONGEST_NAME: Final = 60
"""Characters of a bar's name that fit beside it."""

Row = Mapping[str, Cell]
Heading = str | tuple[str, CellKind]
"""A column's label, or its label with the kind of its cells."""


def table(title: str, rows: Sequence[Row], /, *, currency: str | None = None, **headings: Heading) -> Table:
    """Make a table of these columns, in order; rows beyond the longest table are left out, so the best come first."""
    columns = [
        Column(key=key, label=heading)
        if isinstance(heading, str)
        else Column(key=key, label=heading[0], kind=heading[1])
        for key, heading in headings.items()
    ]
    return Table(title=title, columns=columns, rows=[dict(row) for row in rows[:LONGEST_TABLE]], currency=currency)


def bars(title: str, points: Iterable[tuple[str, float]], unit: str = "") -> Series:
    """Make a bar chart of names and values; bars beyond `MOST_BARS` are left out, so the best come first."""
    shown = [Point(x=name[:LONGEST_NAME], y=float(value)) for name, value in islice(points, MOST_BARS)]
    return Series(title=title, form="bar", unit=unit, points=shown)


def line(title: str, points: Iterable[tuple[str, float]], unit: str = "") -> Series:
    """Make a line of days or steps and values; of a very long one its end."""
    drawn = [Point(x=name, y=float(value)) for name, value in points]
    return Series(title=title, form="line", unit=unit, points=drawn[-LONGEST_LINE:])
