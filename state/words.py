"""How figures and changes read on a page."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from babel.numbers import NumberPattern, format_currency, parse_pattern

from state import locales
from state.rows import StatRow


def number(value: Decimal | int | float) -> str:
    """Give a number with the reader's separators, without needless decimals: 1,284 or 12.5."""
    return _number(value, locales.current())


@lru_cache(maxsize=16_384)
def _number(value: Decimal | int | float, locale: str) -> str:
    """Write a number once: a live board has the same scores for each of its viewers."""
    return str(_plain(locale).apply(value, locales.habits(locale)))


@lru_cache(maxsize=1024)
def _plain(locale: str) -> NumberPattern:
    """Give the locale's own grouping with two decimals at most, where it would write three."""
    return parse_pattern(locales.habits(locale).decimal_formats[None].pattern.replace(".###", ".##"))


def signed(value: Decimal) -> str:
    """Give a number with its sign; a fall has the typographic minus, as wide as the plus."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}"
    return sign + number(abs(value))


def money(value: Decimal, currency: str, *, decimals: int | None = None) -> str:
    """Give an amount with its currency, with as many decimals as the currency has unless others are asked for."""
    locale = locales.habits(locales.current())
    if decimals is None:
        return str(format_currency(value, currency, locale=locale))
    pattern = locale.currency_formats["standard"].pattern.replace(".00", f".{'0' * decimals}")
    return str(format_currency(value, currency, pattern, locale=locale, currency_digits=False))


def moment(value: datetime) -> str:
    """Give a time as the browser's scripts read it."""
    return value.isoformat()


def milliseconds(value: float) -> str:
    """Give a duration with two figures at most: 72 ms, 3.4 ms, under 1 ms."""
    if value < 1:
        return "under 1 ms"
    return f"{number(round(value, 1) if value < 10 else round(value))} ms"


def sentence(text: str) -> str:
    """Give a message with its full stop."""
    return text if not text or text.endswith((".", "?", ":")) else f"{text}."


def initials(name: str) -> str:
    """Give at most two letters of a name."""
    words = [word for word in name.split() if word]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def counted(value: int | Decimal, one: str, many: str) -> str:
    """Give `1 member` or `12 members`."""
    return f"{number(value)} {one if value == 1 else many}"


def stat(
    label: str,
    value: str,
    *,
    unit: str = "",
    change: str = "",
    direction: str = "",
    series: list[float] | None = None,
) -> StatRow:
    """Give a figure's row; a rise is good and a fall is bad for every figure that we show."""
    tone = {"up": "good", "down": "bad"}.get(direction, "neutral")
    return StatRow(
        label=label, value=value, unit=unit, change=change, direction=direction, tone=tone, series=series or []
    )


def change(now: Decimal, before: Decimal, since: str) -> tuple[str, str]:
    """Give the change against an earlier period in words, and its direction: up, down or empty."""
    difference = now - before
    if difference == 0:
        return f"same as {since}", ""
    more = "more" if difference > 0 else "fewer"
    return f"{number(abs(difference))} {more} than {since}", "up" if difference > 0 else "down"
