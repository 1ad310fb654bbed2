"""CSV that a spreadsheet shows and never executes (RFC 4180). Pure.

Text that a spreadsheet would take for a formula gets an apostrophe, which it shows as the sign of a text; all text is
quoted. Numbers come from us and stay numbers, so a column can be summed and a negative one is no formula. The file
begins with a byte order mark: without it the spreadsheets that people use most read UTF-8 as their local code page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

BYTE_ORDER_MARK: Final = "\ufeff"

_FORMULA: Final = re.compile(
    r"(^|[;,|\t\r\n])(?=[\s\ufeff\u200b]*[=+\-@\uff0b\uff0d\uff1d\uff20])"  # full-width forms are folded into these
    r"|^(?=[\t\r\n])"
)
"""Where a formula could begin: at the start of the text, or behind what some locale takes for the end of a cell."""


def guarded(text: str) -> str:
    """Give the text with an apostrophe wherever a formula could begin."""
    return _FORMULA.sub(r"\g<1>'", text)


def write(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Give the file: lines end in CR LF, an absent value is an empty cell."""
    return BYTE_ORDER_MARK + lines((header, *rows))


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """Give further lines of a file that has begun."""
    return "".join(f"{','.join(map(_cell, row))}\r\n" for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, (int, float)):
        return str(value)
    text = _moment(value) if isinstance(value, date) else guarded(str(value))
    return '"' + text.replace('"', '""') + '"'


def _moment(value: date) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()
