"""The form of a run, made from an agent's input schema, and the way from its fields back to an input. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, Final

from state import words
from state.agent_rows import FieldRow
from state.agent_schema import Field, read_schema
from state.rows import Choice

MOST_TYPED: Final = 40_000
"""Characters of all areas of a form together: the socket takes 64 KB at once. More goes through the API."""

_DEFAULT: Final = Choice(value="", label="Not chosen")


def fields(schema: Mapping[str, Any], values: Mapping[str, Any]) -> list[FieldRow]:
    """Give the form's fields, filled with `values`."""
    return [_row(field, values.get(field.name, field.node.get("default"))) for field in read_schema(schema)]


def read(schema: Mapping[str, Any], form: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the input that a sent form means, and what is wrong with it, by field."""
    given: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in read_schema(schema):
        try:
            value = _value(field, form.get(field.name))
        except ValueError as error:
            errors[field.name] = str(error)
            continue
        if value is not None:
            given[field.name] = value
    return given, errors


def check(schema: Mapping[str, Any], name: str, text: str) -> str:
    """Give what is wrong with the text of one field, or nothing."""
    return read(schema, {name: text})[1].get(name, "")


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
    areas = sum(row["kind"] in ("long", "lines", "json") for row in rows)
    return MOST_TYPED // max(areas, 1)


def spoken(name: str) -> str:
    """Turn `as_of` into `As of`."""
    return name.replace("_", " ").strip().capitalize()


def pretty(value: Any) -> str:
    """Give a value as JSON text; a list has one row a line, as tables are read."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        lines = ",\n".join(f"  {json.dumps(item, ensure_ascii=False, default=str)}" for item in value)
        return f"[\n{lines}\n]"
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _row(field: Field, value: Any) -> FieldRow:
    kind = "json" if field.kind == "lines" and _has_breaks(value) else field.kind
    choices = [Choice(value=str(option), label=spoken(str(option))) for option in field.options]
    if field.options and not field.is_required and field.node.get("default") is None:
        choices = [_DEFAULT, *choices]
    return FieldRow(
        name=field.name,
        label=spoken(field.name),
        hint=_hint(field, kind),
        kind=kind,
        value=_text(kind, _in_order(field, value)),
        is_on=value is True,
        is_required=field.is_required or (bool(field.options) and field.node.get("default") is not None),
        choices=choices,
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


def _text(kind: str, value: Any) -> str:
    if value is None or kind == "switch":
        return ""
    if kind == "json":
        return pretty(value)
    if kind == "lines" and isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return str(value)


def _hint(field: Field, kind: str) -> str:
    """Say what the field is for, and of rows what each holds."""
    told = words.sentence(str(field.node.get("description", "")))
    if kind == "lines":
        return f"{told} One a line.".strip()
    if kind != "json":
        return told
    properties = field.node.get("items", {}).get("properties") if field.node.get("type") == "array" else None
    if not properties:
        return f"{told} As JSON.".strip()
    needed = field.node["items"].get("required", ())
    names = [name if name in needed else f"{name} (optional)" for name in properties]
    return f"{told} JSON rows with {', '.join(names)}.".strip()


def _value(field: Field, sent: Any) -> Any:
    """Give the value of a field, None for one that is left out; raises ValueError with words for the reader."""
    if field.kind == "switch":
        return sent in ("on", "true", True)
    text = sent if isinstance(sent, str) else ""
    if text.strip():
        return _READERS[field.kind](field, text)
    if field.is_required:
        raise ValueError(f"Enter {spoken(field.name).lower()}.")
    return None


def _trimmed(_field: Field, text: str) -> str:
    return text.strip()


def _as_it_is(_field: Field, text: str) -> str:
    return text


def _chosen(field: Field, text: str) -> Any:
    found = [option for option in field.options if str(option) == text]
    if not found:
        raise ValueError("Choose one of the list.")
    return found[0]


def _number(field: Field, text: str) -> Any:
    """Read a number; a comma is refused, since it means a thousand to some and a decimal to others."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    try:
        number = int(plain) if field.is_whole else float(plain)
    except ValueError:
        raise ValueError(
            "Enter a whole number." if field.is_whole else "Enter a number with a point, such as 1284.5."
        ) from None
    if not isfinite(number):
        raise ValueError("Enter a number with a point, such as 1284.5.")
    return plain if field.is_exact else number


def _lines(field: Field, text: str) -> Any:
    """Read a list, or else lines: a headline may well begin with a bracket."""
    if text.lstrip().startswith("["):
        try:
            return _parsed(field, text)
        except ValueError:
            pass
    return [line.strip() for line in text.splitlines() if line.strip()]


def _parsed(field: Field, text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ValueError(f"This is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise ValueError("This is nested too deeply.") from None
    wanted = field.node.get("type")
    if wanted in ("array", "object") and not isinstance(value, list if wanted == "array" else dict):
        raise ValueError("Write a list: [ ... ]." if wanted == "array" else "Write an object: { ... }.")
    return value


_READERS: Final[dict[str, Callable[[Field, str], Any]]] = {
    "text": _trimmed,
    "date": _trimmed,
    "long": _as_it_is,
    "choice": _chosen,
    "number": _number,
    "lines": _lines,
    "json": _parsed,
}


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number.")


def _place(inner: Sequence[str]) -> str:
    """Name the place within a field: `Row 4, due on`."""
    named = [f"row {int(part) + 1}" if part.isdigit() else part.replace("_", " ") for part in inner]
    text = ", ".join(named)
    return text[:1].upper() + text[1:]
