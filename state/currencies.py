"""Currencies to choose from: those that are legal tender somewhere today, by code with their English name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from babel.core import get_global
from babel.numbers import get_currency_name

from state.rows import Choice


def _in_use() -> list[str]:
    """Give the codes of the money that people pay with now."""
    periods: Mapping[str, list[tuple[Any, ...]]] = get_global("territory_currencies")
    return sorted(
        {code for money in periods.values() for code, _, end, is_tender in money if end is None and is_tender}
    )


CURRENCIES: Final = [
    Choice(value=code, label=f"{code} \N{MIDDLE DOT} {get_currency_name(code, locale='en')}") for code in _in_use()
]
