"""Rows of an input as a table: pasted from a spreadsheet, from CSV text, or from a file. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from state.agent_cells import read_cell
from state.agent_schema import Field

MOST_COLUMNS: Final = 200
_DELIMITERS: Final = "\t;,|"
_UNNAMED: Final = re.compile(r"[\W_]+")


@dataclass(slots=True)
class Reading:
    """What a table says: its rows, how it reads cell by cell, and which cells cannot be meant."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    cells: list[dict[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Columns that no field has."""


def read(rows: Field, text: str) -> Reading:
    """Read a table whose first row names the columns; raises ValueError where it cannot be read as one."""
    heading, *lines = _split(rows, text)
    columns = _columns(rows, heading)
    reading = Reading(left_out=_left_out(heading, columns, lines))
    for line in lines:
        if any(map(str.strip, line)):
            _read_row(rows, columns, line, reading)
    if not reading.rows:
        raise ValueError("Below the row that names the columns there are none.")
    return reading


def _split(rows: Field, text: str) -> list[list[str]]:
    """Split a text at the delimiter by which the most of its headings are known."""
    text = text.lstrip("\ufeff\r\n")
    parsed = {delimiter: _heading(text, delimiter) for delimiter in _DELIMITERS}
    names = {_key(column.name) for column in rows.columns}
    best = max(parsed, key=lambda at: (sum(_key(cell) in names for cell in parsed[at]), len(parsed[at])))
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=best, strict=True))
    except csv.Error:
        raise ValueError("A quotation mark is out of place: a cell that has one is quoted, with it doubled.") from None
    if not lines:
        raise ValueError("There is no row that names the columns.")
    return lines


def _heading(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _columns(rows: Field, heading: Sequence[str]) -> list[Field | str | None]:
    """Give the field of each column, the name of a further one, or None for one that no field has."""
    if len(heading) > MOST_COLUMNS:
        raise ValueError(f"A table has {MOST_COLUMNS} columns at most.")
    known = {_key(column.name): column for column in rows.columns}
    found: list[Field | str | None] = [known.get(_key(cell)) for cell in heading]
    if rows.further is not None:
        found = [at or cell.strip() or None for at, cell in zip(found, heading, strict=True)]
    named = [at.name if isinstance(at, Field) else at for at in found if at is not None]
    if twice := next((name for name in named if named.count(name) > 1), None):
        raise ValueError(f"The column {_spoken(twice)} is there twice.")
    lacking = [_spoken(c.name) for c in rows.columns if c.is_required and c.name not in named]
    if not named or lacking:
        raise ValueError(f"The first row names the columns; it lacks {', '.join(lacking or map(_spoken, known))}.")
    return found


def _left_out(heading: Sequence[str], columns: Sequence[Any], lines: Sequence[Sequence[str]]) -> list[str]:
    """Name the columns that are not taken, those without a heading too if there is anything in them."""
    lost = [place for place, column in enumerate(columns) if column is None]
    filled = {place for line in lines for place, cell in enumerate(line) if cell.strip()}
    names = [heading[at].strip() or (f"column {at + 1}, which has no name" if at in filled else "") for at in lost]
    return [name for name in names if name]


def _read_row(rows: Field, columns: Sequence[Field | str | None], line: Sequence[str], reading: Reading) -> None:
    number, row, cells = len(reading.rows) + 1, dict[str, Any](), dict[str, str]()
    if rows.further is not None and rows.further.name and rows.further.is_required:
        row[rows.further.name] = {}
    if any(map(str.strip, line[len(columns) :])):
        reading.errors.append(f"row {number}: it has more cells than there are columns")
    absent = [column for column in columns[len(line) :] if isinstance(column, Field) and column.is_required]
    for column, cell in zip(
        [*columns[: len(line)], *absent], [*line[: len(columns)], *[""] * len(absent)], strict=True
    ):
        if column is None:
            continue
        name = column.name if isinstance(column, Field) else column
        cells[name] = cell.strip()
        try:
            _put(rows, column, cell, row)
        except ValueError as error:
            reading.errors.append(f"row {number}, {_spoken(name)}: {error}")
    reading.rows.append(row)
    reading.cells.append(cells)


def _put(rows: Field, column: Field | str, cell: str, row: dict[str, Any]) -> None:
    """Put the value of a cell into its row; an empty cell leaves out what may be left out."""
    if isinstance(column, Field):
        if cell.strip():
            row[column.name] = read_cell(column, cell)
        elif column.is_required:
            row[column.name] = _nothing(column)
    elif rows.further is not None and cell.strip():
        owner = row.setdefault(rows.further.name, {}) if rows.further.name else row
        value = read_cell(rows.further, cell)
        owner[column] = cell if isinstance(value, str) else value
    elif rows.further is not None and rows.further.is_nullable:
        row[column] = None


def _nothing(column: Field) -> Any:
    """Give what an empty cell of a needed column means, where it means anything."""
    if column.kind in ("text", "long") and not column.node.keys() & {"minLength", "pattern", "format"}:
        return ""
    if column.node.get("type") == "array":
        return []
    raise ValueError("empty")


def _key(name: str) -> str:
    """Give a heading without case, spaces and what stands in brackets, such as a unit."""
    return _UNNAMED.sub("", name.partition("(")[0].casefold())


def _spoken(name: str) -> str:
    return name.replace("_", " ")
