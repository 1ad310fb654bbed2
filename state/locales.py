"""The reader's locale: how numbers, amounts and dates read for who looks at the page. Words stay English.

The gate sets it before each event from the languages that the browser asked for as its socket opened. It is kept in
the event's own context, so everything that the event leads to writes the same way, in the background too.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError

ENGLISH: Final = "en"
_LONGEST: Final = 200
"""Letters of the header that are looked at; a browser with ten languages sends some eighty."""
_TAG: Final = re.compile(r"([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3})(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?")

_current: Final[ContextVar[str]] = ContextVar("locale", default=ENGLISH)


def settle(accept_language: str) -> None:
    """Write for a reader who asked for these languages, from here on in this context."""
    _current.set(choose(accept_language[:_LONGEST]))


def current() -> str:
    """Give the identifier of the locale that is written for, such as `en` or `de_CH`."""
    return _current.get()


@lru_cache(maxsize=1024)
def choose(accept_language: str) -> str:
    """Give the best-liked locale that we know the habits of, English when there is none (RFC 9110, 12.5.4)."""
    wanted = [found for part in accept_language.split(",") if (found := _TAG.fullmatch(part.strip()))]
    for tag in sorted(wanted, key=lambda found: -float(found[2] or 1)):
        if float(tag[2] or 1) and (known := _known(tag[1])):
            return known
    return ENGLISH


@lru_cache(maxsize=1024)
def habits(identifier: str) -> Locale:
    """Give the habits of a locale that `choose` gave."""
    return Locale.parse(identifier)


def _known(tag: str) -> str | None:
    """Find the locale of a language tag, or that of its language alone."""
    for candidate in (tag, tag.partition("-")[0]):
        try:
            return str(Locale.parse(candidate, sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
    return None
