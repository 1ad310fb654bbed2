"""The form of a run, made from an agent's input schema, and the way from its fields back to an input. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from state import words
from state.agent_rows import NO_SHEET, FieldRow
from state.agent_schema import Field, read_schema
from state.agent_sheet import headings, preview, write
from state.agent_values import read_value
from state.agent_words import spoken
from state.rows import Choice

MOST_TYPED: Final = 40_000
"""Characters of all areas of a form together: the socket takes 64 KB at once. More goes through the API."""

_AREAS: Final = ("long", "lines", "json", "rows")
_DEFAULT: Final = Choice(value="", label="Not chosen")


def fields(schema: Mapping[str, Any], values: Mapping[str, Any]) -> list[FieldRow]:
    """Give the form's fields, filled with `values`."""
    return [_row(field, values.get(field.name, field.node.get("default"))) for field in read_schema(schema)]


def read(schema: Mapping[str, Any], form: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the input that a sent form means, and what is wrong with it, by field."""
    given: dict[str, Any] = {}
    errors: dict[str, str] = {}
    known = read_schema(schema)
    most = _most([field.kind for field in known])
    for field in known:
        try:
            _refuse_cut(field, form.get(field.name), most)
            value = read_value(field, form.get(field.name))
        except ValueError as error:
            errors[field.name] = str(error)
            continue
        if value is not None:
            given[field.name] = value
    return given, errors


def check(schema: Mapping[str, Any], name: str, text: str) -> str:
    """Give what is wrong with the text of one field, or nothing."""
    return read(schema, {name: text})[1].get(name, "")


def look(schema: Mapping[str, Any], rows: Sequence[FieldRow], name: str, text: str) -> list[FieldRow]:
    """Give the fields after the text of one was looked at: what is wrong with it, and its rows as they are read."""
    field = next((field for field in read_schema(schema) if field.name == name), None)
    if field is None:
        return list(rows)
    sheet = preview(field, text) if field.kind == "rows" else NO_SHEET
    error = check(schema, name, text) if text.strip() else ""
    return [{**row, "error": error, "sheet": sheet} if row["name"] == name else row for row in rows]


def put(schema: Mapping[str, Any], rows: Sequence[FieldRow], name: str, text: str) -> list[FieldRow]:
    """Give the fields with another text in one of them; what stands in the others stays as it is."""
    filled: list[FieldRow] = [
        {**row, "value": text, "filling": row["filling"] + 1} if row["name"] == name else row for row in rows
    ]
    return look(schema, filled, name, text)


def tell(rows: Sequence[FieldRow], name: str, error: str) -> list[FieldRow]:
    """Give the fields with what is wrong beside one of them, the others as they are."""
    return [{**row, "error": error} if row["name"] == name else row for row in rows]


def with_errors(rows: Sequence[FieldRow], errors: Mapping[str, str]) -> list[FieldRow]:
    """Give the fields with what is wrong beside each."""
    return [{**row, "error": errors.get(row["name"], "")} for row in rows]


def place(refused: Mapping[str, str], rows: Sequence[FieldRow]) -> tuple[dict[str, str], str]:
    """Sort the gateway's refusals by field of the form; what belongs to none of them comes last, as one text."""
    placed: dict[str, str] = {}
    rest: list[str] = []
    for path, message in refused.items():
        name, *inner = path.removeprefix("input.").split(".")
        if name not in {row["name"] for row in rows}:
            rest.append(words.sentence(message))
            continue
        where = _place(inner)
        placed.setdefault(name, words.sentence(f"{where}: {message}" if where else message))
    return placed, " ".join(dict.fromkeys(rest))


def share(rows: Sequence[FieldRow]) -> int:
    """Give how many characters each area may take, so that all of them fit one message."""
    return _most([row["kind"] for row in rows])


def pretty(value: Any) -> str:
    """Give a value as JSON text; a list has one row a line, as tables are read."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        lines = ",\n".join(f"  {json.dumps(item, ensure_ascii=False, default=str)}" for item in value)
        return f"[\n{lines}\n]"
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _most(kinds: Sequence[str]) -> int:
    return MOST_TYPED // max(sum(kind in _AREAS for kind in kinds), 1)


def _refuse_cut(field: Field, sent: Any, most: int) -> None:
    """Refuse a table that the browser has cut off: half of the rows would pass for all of them."""
    if field.kind == "rows" and isinstance(sent, str) and len(sent.encode("utf-16-le")) // 2 >= most:
        limit = words.number(most)
        raise ValueError(f"Only {limit} characters fit, the rest is cut off. Send longer tables through the API.")


def _row(field: Field, value: Any) -> FieldRow:
    kind = "json" if field.kind == "lines" and _has_breaks(value) else field.kind
    choices = [Choice(value=str(option), label=spoken(str(option))) for option in field.options]
    if field.options and not field.is_required and field.node.get("default") is None:
        choices = [_DEFAULT, *choices]
    text = _text(field, kind, value)
    return FieldRow(
        name=field.name,
        label=spoken(field.name),
        hint=_hint(field, kind),
        kind=kind,
        value=text,
        filling=0,
        is_on=value is True,
        is_required=field.is_required or (bool(field.options) and field.node.get("default") is not None),
        choices=choices,
        sheet=preview(field, text) if kind == "rows" else NO_SHEET,
        error="",
    )


def _has_breaks(value: Any) -> bool:
    return isinstance(value, list) and any("\n" in str(item) for item in value)


def _in_order(field: Field, value: Any) -> Any:
    """Give rows with their members as the schema lists them: the database keeps them in an order of its own."""
    order = list(field.node.get("items", {}).get("properties", ())) if field.node.get("type") == "array" else []
    if not order or not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        return value
    return [dict(sorted(item.items(), key=lambda pair: [*order, pair[0]].index(pair[0]))) for item in value]


def _text(field: Field, kind: str, value: Any) -> str:
    if value is None or kind == "switch":
        return ""
    if kind == "rows":
        table = write(field, value)
        return table if table is not None else pretty(_in_order(field, value))
    if kind == "json":
        return pretty(_in_order(field, value))
    if kind == "lines" and isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return str(value)


def _hint(field: Field, kind: str) -> str:
    """Say what the field is for, and of rows what each holds."""
    told = words.sentence(str(field.node.get("description", "")))
    if kind == "lines":
        return f"{told} One a line.".strip()
    if kind == "rows":
        return f"{told} {headings(field)}".strip()
    return f"{told} As JSON.".strip() if kind == "json" else told


def _place(inner: Sequence[str]) -> str:
    """Name the place within a field: `Row 4, due on`."""
    named = [f"row {int(part) + 1}" if part.isdigit() else part.replace("_", " ") for part in inner]
    text = ", ".join(named)
    return text[:1].upper() + text[1:]
