"""Layout: short ways to write the parts of a tool's result. No tool stands here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agents.parts import LONGEST_TABLE, Cell, CellKind, Checklist, Column, Item, Point, Series, Table

Row = Mapping[str, Cell]
Columns = Mapping[str, str | tuple[str, CellKind]]
"""Columns by key: a label, or a label and a kind."""


def table(title: str, columns: Columns, rows: Sequence[Row]) -> Table:
    """Give a table of as many of the rows as a table may have."""
    return Table(
        title=title,
        columns=[
            Column(key=key, label=label) if isinstance(label, str) else Column(key=key, label=label[0], kind=label[1])
            for key, label in columns.items()
        ],
        rows=[dict(row) for row in rows[:LONGEST_TABLE]],
    )


def bars(title: str, values: Iterable[tuple[str, float]], unit: str = "") -> Series:
    """Give a bar chart of at most thirty bars: more cannot be read."""
    points = [Point(x=name[:60], y=float(value)) for name, value in values]
    return Series(title=title, form="bar", unit=unit, points=points[:30])


def checklist(title: str, items: Iterable[tuple[str, str]]) -> Checklist:
    """Give a list of things to do with their reasons."""
    return Checklist(title=title, items=[Item(text=text, why=why) for text, why in items])


def one_line(value: str, longest: int = 200) -> str:
    """Give text from the user's material as one printable line, cut to a length."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def markdown(value: str, longest: int = 300) -> str:
    """Give text from the user's material as one line in which Markdown and HTML see plain words."""
    line = one_line(value, longest)
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|!~" else sign for sign in line)
