"""Rows of an input in their field: as text to correct, as a preview, and as what is wrong with them. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from state import agent_table, words
from state.agent_cells import write_cell
from state.agent_rows import NO_SHEET, SheetLine, SheetRow
from state.agent_schema import Field

SHOWN_ROWS: Final = 5
SHOWN_COLUMNS: Final = 24
"""Rows and columns of a preview."""
_TOLD: Final = 3
"""Mistakes that are told at once; a wrong column has one in each row."""

Cells = Mapping[str, str]


def is_json(text: str) -> bool:
    """Say whether somebody wrote JSON rather than a table."""
    return text.lstrip("\ufeff \t\r\n").startswith(("[", "{"))


def read_rows(field: Field, text: str) -> list[dict[str, Any]]:
    """Give the rows of a table; raises ValueError that names row and column of what cannot be meant."""
    reading = agent_table.read(field, text)
    if not reading.errors:
        return reading.rows
    told = " ".join(words.sentence(error[:1].upper() + error[1:]) for error in reading.errors[:_TOLD])
    more = len(reading.errors) - _TOLD
    raise ValueError(f"{told} And {words.counted(more, 'more mistake', 'more mistakes')}." if more > 0 else told)


def write(field: Field, values: Any) -> str | None:
    """Give rows as CSV; None where a table would read back as anything else than these rows."""
    if not _are_rows(values) or any(_is_nested(field, value) for value in values):
        return None
    cells = [_flat(field, value) for value in values]
    columns, made = _columns(field, cells), io.StringIO()
    if len(columns) > agent_table.MOST_COLUMNS:
        return None
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in cells)
    text = made.getvalue().rstrip("\n")
    try:
        back = agent_table.read(field, text)
    except ValueError:
        return None
    same = [_essence(field, row) for row in back.rows] == [_essence(field, value) for value in values]
    return text if same and not (back.errors or back.left_out or is_json(text)) else None


def preview(field: Field, text: str) -> SheetRow:
    """Show how the first rows are read, and how many there are; nothing where they cannot be read as rows."""
    try:
        if is_json(text):
            values = json.loads(text)
            cells = [_flat(field, value) for value in values] if _are_rows(values) else []
            left_out: list[str] = []
        else:
            reading = agent_table.read(field, text)
            cells, left_out = reading.cells, reading.left_out
    except (ValueError, RecursionError):
        return NO_SHEET
    columns = _columns(field, cells)[:SHOWN_COLUMNS]
    lines = [
        SheetLine(number=str(number), cells=[row.get(column, "") for column in columns])
        for number, row in enumerate(cells[:SHOWN_ROWS], 1)
    ]
    return SheetRow(note=_note(len(cells), left_out), columns=[_label(name) for name in columns], lines=lines)


def headings(field: Field) -> str:
    """Say which columns the rows have."""
    names = [f"{_label(column.name).lower()}{_remark(column)}" for column in field.columns]
    if field.further is not None:
        inner = _label(field.further.name).lower()
        names.append(f"one for each of the {inner}" if inner else "whatever you name")
    return f"Columns: {', '.join(names)}."


def _remark(column: Field) -> str:
    said = [] if column.is_required else ["optional"]
    if column.item is not None:
        said.append("several with ; between")
    elif column.kind == "json":
        said.append("as JSON")
    return f" ({', '.join(said)})" if said else ""


def _note(count: int, left_out: Sequence[str]) -> str:
    if not count:
        return ""
    rows = words.counted(count, "row", "rows")
    shown = f"{rows}; the first {SHOWN_ROWS} are shown" if count > SHOWN_ROWS else rows
    return f"{shown}. Not used: {', '.join(left_out)}." if left_out else f"{shown}."


def _columns(field: Field, cells: Sequence[Cells]) -> list[str]:
    """Give the columns of a table of these cells: in the schema's order, the needed ones in any case."""
    known = [column.name for column in field.columns]
    needed = {column.name for column in field.columns if column.is_required}
    filled = {name: None for row in cells for name, cell in row.items() if cell}
    return [*(name for name in known if name in needed or name in filled), *(n for n in filled if n not in known)]


def _flat(field: Field, value: Mapping[str, Any]) -> dict[str, str]:
    """Give a row as its cells, the members of its map among them."""
    inner = _map_of(field, value)
    own = {name: member for name, member in value.items() if not inner or member is not inner}
    return {name: write_cell(member) for name, member in [*own.items(), *inner.items()]}


def _map_of(field: Field, value: Mapping[str, Any]) -> Mapping[str, Any]:
    found = value.get(field.further.name) if field.further is not None and field.further.name else None
    return found if isinstance(found, Mapping) else {}


def _is_nested(field: Field, value: Mapping[str, Any]) -> bool:
    """Say whether there are rows within the row: they read better as JSON."""
    inner = _map_of(field, value)
    members = [member for member in value.values() if not inner or member is not inner]
    return any(isinstance(item, dict | list) for m in members for item in (m if isinstance(m, list) else [m]))


def _essence(field: Field, row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row without what says no more than its absence does."""
    columns = {column.name: column for column in field.columns}
    return {
        name: str(value) if name in columns and columns[name].is_exact else value
        for name, value in row.items()
        if name not in columns or columns[name].is_required or value != columns[name].node.get("default")
    }


def _are_rows(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(value, Mapping) for value in values)


def _label(name: str) -> str:
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]
