"""Cells: how a value stands in a file, and how it is read back to the very same value. Pure.

Every reader gives the value or raises ValueError with a sentence that says what the cell should hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from babel.numbers import list_currencies

AMOUNT_LIMIT: Final = Decimal(10) ** 9
"""Dearer than any product; below it, four decimals survive every multiplication that a price goes through."""
QUANTITY_LIMIT: Final = 10_000_000
MOST_BREAKS: Final = 20

_PLAIN: Final = re.compile(r"\d{1,16}(\.\d{1,4})?", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)
_BREAK: Final = re.compile(r"(\d{1,9}):(\d{1,16}(?:\.\d{1,4})?)", re.ASCII)
_START: Final = r"'*(?:[^\S\r\n\t]|[\ufeff\u200b])*[=+\-@\uff0b\uff0d\uff1d\uff20]"
_UNGUARDED: Final = re.compile(rf"(^|[;,|\t\r\n])(?={_START})")
"""Where a spreadsheet could see a formula begin, in whatever locale it splits the line (see analytics/csv_text)."""
_GUARDED: Final = re.compile(rf"(^|[;,|\t\r\n])'(?={_START})")
_CURRENCIES: Final[frozenset[str]] = frozenset(list_currencies())
_BREAKING: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})

Reader = Callable[[str], Any]


def guarded(text: str) -> str:
    """Give the text with an apostrophe wherever a formula could begin; `unguarded` takes exactly that away again."""
    return _UNGUARDED.sub(r"\g<1>'", text)


def unguarded(text: str) -> str:
    """Give the text that `guarded` was given."""
    return _GUARDED.sub(r"\g<1>", text)


def line(longest: int) -> Reader:
    """Give the reader of one printable line of at most so many characters."""

    def read(text: str) -> str:
        if not text.isprintable() and any(unicodedata.category(sign) in _BREAKING for sign in text):
            raise ValueError("Must be one line of printable text")
        return _bounded(text, longest)

    return read


def prose(longest: int) -> Reader:
    """Give the reader of text that may have several lines."""

    def read(text: str) -> str:
        joined = text.replace("\r\n", "\n").replace("\r", "\n")
        if not joined.isprintable() and any(
            unicodedata.category(sign) in _BREAKING and sign != "\n" for sign in joined
        ):
            raise ValueError("Must be printable text")
        return _bounded(joined, longest)

    return read


def amount(text: str) -> Decimal:
    """Read an amount, with a point before at most four decimals."""
    if not _PLAIN.fullmatch(text):
        hint = f"; write {text.replace(',', '.')}" if _PLAIN.fullmatch(text.replace(",", ".")) else ""
        raise ValueError(f"Must be a number such as 12.50{hint}")
    value = Decimal(text)
    if value >= AMOUNT_LIMIT:
        raise ValueError(f"Must be less than {AMOUNT_LIMIT:,f}")
    return value


def percent(highest: int) -> Reader:
    """Give the reader of a percentage from 0 to the highest; a percent sign may follow it."""

    def read(text: str) -> Decimal:
        value = amount(text.removesuffix("%").rstrip())
        if value > highest:
            raise ValueError(f"Must be from 0 to {highest} percent")
        return value

    return read


def whole(lowest: int, highest: int) -> Reader:
    """Give the reader of a whole number within these bounds."""

    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text) or not lowest <= int(text) <= highest:
            raise ValueError(f"Must be a whole number from {lowest} to {highest:,}")
        return int(text)

    return read


def currency(text: str) -> str:
    """Read the code of a currency in use."""
    code = text.upper()
    if len(code) != 3 or not code.isascii() or code not in _CURRENCIES:
        raise ValueError("Must be an ISO 4217 code such as EUR")
    return code


def price_breaks(text: str) -> list[dict[str, Any]]:
    """Read `100:4.50; 500:4.10`: from 100 units on each costs 4.50, from 500 on 4.10."""
    found = [_break(part.strip()) for part in text.split(";") if part.strip()]
    quantities = [item["from"] for item in found]
    if quantities != sorted(set(quantities)):
        raise ValueError("Quantities must rise, such as 100:4.50; 500:4.10")
    if len(found) > MOST_BREAKS:
        raise ValueError(f"Must be at most {MOST_BREAKS} price breaks")
    return found


def shown(value: Any) -> str:
    """Give a value as it stands in a file and in a diff; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, list):
        return "; ".join(f"{item['from']}:{item['unit_price']}" for item in value)
    return str(value)


def plain(value: Decimal) -> str:
    """Give a number without an exponent and without zeros that say nothing."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _break(text: str) -> dict[str, Any]:
    match = _BREAK.fullmatch(text)
    if match is None or not 2 <= int(match[1]) <= QUANTITY_LIMIT:
        raise ValueError("Must be quantities of 2 or more with prices, such as 100:4.50; 500:4.10")
    return {"from": int(match[1]), "unit_price": plain(amount(match[2]))}


def _bounded(text: str, longest: int) -> str:
    if len(text) > longest:
        raise ValueError(f"Must be at most {longest:,} characters")
    return text
