"""What stands in a field of a run's form, as the value that it means. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isfinite
from typing import Any, Final

from state.agent_schema import Field
from state.agent_sheet import is_json, read_rows
from state.agent_words import spoken


def read_value(field: Field, sent: Any) -> Any:
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


def _rows(field: Field, text: str) -> Any:
    return _parsed(field, text) if is_json(text) else read_rows(field, text)


_READERS: Final[dict[str, Callable[[Field, str], Any]]] = {
    "text": _trimmed,
    "date": _trimmed,
    "long": _as_it_is,
    "choice": _chosen,
    "number": _number,
    "lines": _lines,
    "json": _parsed,
    "rows": _rows,
}


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number.")
