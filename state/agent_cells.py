"""Cells of a table: from what stands in one to the value that its column asks for, and back. Pure.

Nothing is guessed: `1,284` is a thousand to some and a decimal to others, and `3/4/2026` is a day in two months.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from math import isfinite
from typing import Any, Final

from state.agent_schema import Field

_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][+-]?\d{1,4})?", re.ASCII)
_WHOLE: Final = re.compile(r"([+-]?\d{1,40})(?:\.0{0,40})?", re.ASCII)
_PLAIN: Final = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?", re.ASCII)
"""A number among values of any kind; what begins with a nought is rather the number of an article."""
_YES: Final = frozenset({"yes", "true", "1", "x", "y"})
_NO: Final = frozenset({"no", "false", "0", "n"})
_SEPARATOR: Final = ";"


def read_cell(column: Field, text: str) -> Any:
    """Give the value that a filled cell means; raises ValueError with words such as `not a number`."""
    return _READERS[column.kind](column, text.strip())


def write_cell(value: Any) -> str:
    """Give a value as it stands in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return f"{_SEPARATOR} ".join(write_cell(item) for item in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _text(_column: Field, text: str) -> str:
    return text


def _date(_column: Field, text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat() if _is_midnight(text[10:]) else text
    except ValueError:
        raise ValueError("not a date; write it as 2026-12-31") from None


def _is_midnight(rest: str) -> bool:
    """Say whether a spreadsheet has only added a time to a day; another one is not ours to drop."""
    if rest.strip(" T0:.Z"):
        raise ValueError
    return True


def _number(column: Field, text: str) -> Any:
    """Read a number; one that is kept exactly stays text."""
    plain = text.replace("\N{MINUS SIGN}", "-")
    if column.is_whole:
        found = _WHOLE.fullmatch(plain)
        if found is None:
            raise ValueError("not a whole number" if _NUMBER.fullmatch(plain) else "not a number")
        return int(found[1])
    if not _NUMBER.fullmatch(plain) or not isfinite(float(plain)):
        raise ValueError("not a number; write it as 1284.5" if "," in plain else "not a number")
    return plain if column.is_exact else float(plain)


def _switch(_column: Field, text: str) -> bool:
    if text.casefold() not in _YES | _NO:
        raise ValueError("neither yes nor no")
    return text.casefold() in _YES


def _choice(column: Field, text: str) -> Any:
    wanted = text.casefold().replace(" ", "_")
    for option in column.options:
        if wanted in (str(option).casefold(), str(option).casefold().replace(" ", "_")):
            return option
    raise ValueError(f"none of {', '.join(map(str, column.options))}")


def _structure(column: Field, text: str) -> Any:
    """Read a list, or what only JSON can tell; a value of any kind is a number where it looks like one."""
    if text.startswith(("[", "{")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("not JSON") from None
    if column.item is not None:
        parts = [part.strip() for part in text.split(_SEPARATOR)]
        return [read_cell(column.item, part) for part in parts if part]
    if column.node.get("type") in ("array", "object"):
        raise ValueError("not JSON")
    if text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    if _PLAIN.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


_READERS: Final[dict[str, Callable[[Field, str], Any]]] = {
    "text": _text,
    "long": _text,
    "date": _date,
    "number": _number,
    "switch": _switch,
    "choice": _choice,
    "lines": _structure,
    "json": _structure,
}
