"""Values of a rule: what was typed into a control, and what stands for it in the rule. Pure."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_GROUPED: Final = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_ITEM: Final = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*)\s*(?:,|$)')


def read_number(text: str) -> int | float | str:
    """Give the number that was typed, `1,000` too; anything else comes back as it is, for the gateway to refuse."""
    plain = text.strip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _NUMBER.fullmatch(plain):
        return plain
    return float(plain) if "." in plain else int(plain)


def read_value(text: str) -> Any:
    """Give what is compared with: a number, true or false, else text; in quotes it is text in any case."""
    plain = text.strip()
    if plain in ("true", "false"):
        return plain == "true"
    if len(plain) > 1 and plain.startswith('"') and plain.endswith('"'):
        try:
            return str(json.loads(plain))
        except ValueError:
            return plain
    return (float(plain) if "." in plain else int(plain)) if _NUMBER.fullmatch(plain) else plain


def read_values(text: str) -> list[Any]:
    """Give the values of a list that was typed with commas."""
    items = [match[1].strip() for match in _ITEM.finditer(text)]
    return [read_value(item) for item in items if item]


def write_value(value: Any) -> str:
    """Give the text that is typed for a value."""
    if isinstance(value, list):
        return ", ".join(_write_item(item) for item in value)
    text = _plain(value)
    return text if read_value(text) == value and type(read_value(text)) is type(value) else json.dumps(value)


def _write_item(value: Any) -> str:
    needs_quotes = isinstance(value, str) and (value == "" or "," in value)
    return json.dumps(value) if needs_quotes else write_value(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
