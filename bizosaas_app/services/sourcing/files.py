"""Files: a CSV becomes rows of typed values, with every fault by row and column; rows become a CSV. Pure."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.sourcing import cells
from bizosaas_app.services.sourcing.columns import COLUMNS, KEYS, Column

MOST_ROWS: Final = 20_000
"""Twice what must be imported within three minutes; each takes some kilobytes while it is compared."""
MOST_BYTES: Final = 15 * 1024 * 1024
BYTE_ORDER_MARK: Final = "\ufeff"

_DELIMITERS: Final = (",", ";", "\t")
_FIELD_LIMIT: Final = 20_000
"""Characters of one cell: beyond any column's own bound, and short of the reader's."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, or (without a column) with the whole row; the header is row 1."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: what its cells say, by column; of a row with faults, what could be read."""

    row: int
    values: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What the row is known by, for a row without faults."""
        return self.values["sku"], self.values["supplier"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as it was read: the columns that it has, and its rows."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def read(content: bytes) -> Sheet:
    """Read a file; raises `InputInvalid` for `file` or `header.<column>` when no row of it can be read.

    Lines without anything in them are passed over.
    """
    text = _decode(content)
    delimiter = _delimiter(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = _header(next(rows, []))
        records = [(number, cells_) for number, cells_ in enumerate(rows, start=2) if any(map(str.strip, cells_))]
    except csv.Error as error:
        raise InputInvalid({"file": f"Line {rows.line_num} is not CSV: {error}"}) from None
    if len(records) > MOST_ROWS:
        raise InputInvalid({"file": f"Must be at most {MOST_ROWS:,} rows; this has {len(records):,}"})
    columns = [COLUMNS[name] for name in header]
    return Sheet(header, tuple(_line(number, columns, record) for number, record in records))


def write(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = tuple(COLUMNS)) -> str:
    """Give rows as a file that `read` reads back to the same values; text never becomes a formula of a spreadsheet.

    A file of fewer `columns` leaves the others, when it is imported, as they are.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cells.guarded(cells.shown(row[name])) for name in columns] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue()


def _decode(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise InputInvalid({"file": f"Must be at most {MOST_BYTES // 1024 // 1024} MiB"})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputInvalid({"file": f"Must be UTF-8 text; line {line} is not. Save it as CSV UTF-8"}) from None
    if "\x00" in text:
        raise InputInvalid({"file": "Must be a CSV file; this holds binary data"})
    if not text.strip():
        raise InputInvalid({"file": "The file is empty"})
    return text


def _delimiter(text: str) -> str:
    """Give the delimiter with which the first line names the most columns that we know."""
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=lambda sign: len(COLUMNS.keys() & set(map(_name, first.split(sign)))))


def _name(cell: str) -> str:
    return cell.strip().strip('"').strip().lower().replace(" ", "_").replace("-", "_")


def _header(record: Sequence[str]) -> tuple[str, ...]:
    """Give the names of the columns; raises `InputInvalid` with one message for each that is wrong or lacks."""
    names = tuple(map(_name, record))
    faults: dict[str, str] = {}
    for place, name in enumerate(names, start=1):
        if name not in COLUMNS:
            faults[f"header.{name[:60] or place}"] = _unknown(place, name)
        elif name in names[: place - 1]:
            faults[f"header.{name}"] = f"Column {place} has the name of column {names.index(name) + 1}"
    faults |= {f"header.{name}": "This column is missing" for name in KEYS if name not in names}
    if faults:
        raise InputInvalid(faults, "The columns of the file cannot be used")
    return names


def _unknown(place: int, name: str) -> str:
    if not name:
        return f"Column {place} has no name"
    near = difflib.get_close_matches(name[:60], COLUMNS, n=1)
    return f"Column {place} is unknown" + (f"; did you mean {near[0]}?" if near else "")


def _line(number: int, columns: Sequence[Column], record: Sequence[str]) -> Line:
    if len(record) != len(columns):
        return Line(number, {}, (Fault(number, "", f"Has {len(record)} cells; the header has {len(columns)}"),))
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for column, cell in zip(columns, record, strict=True):
        try:
            values[column.name] = _value(column, cell)
        except ValueError as error:
            faults.append(Fault(number, column.name, str(error)))
    return Line(number, values, tuple(faults))


def _value(column: Column, cell: str) -> Any:
    if len(cell) > _FIELD_LIMIT:
        raise ValueError(f"Must be at most {_FIELD_LIMIT:,} characters")
    text = cells.unguarded(cell.strip()).strip()
    if text:
        return column.read(text)
    if column.is_needed:
        raise ValueError("Must not be empty")
    return column.empty
