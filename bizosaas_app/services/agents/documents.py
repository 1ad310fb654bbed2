"""Documents of runs: JSON that the database can keep, whatever a caller, a tool or a model has put into it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from bizosaas_app.kernel.errors import InputInvalid

_UNKEEPABLE: Final = re.compile("[\0\ud800-\udfff]")
"""What a jsonb value cannot hold: NUL and lone surrogates (PostgreSQL manual, 8.14)."""


def refuse_unkeepable(given: Mapping[str, Any], place: str) -> None:
    """Pass when the database can keep the input; raises `InputInvalid` that names the field below `place`."""
    waiting: list[tuple[str, Any]] = [(place, dict(given))]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, str) and _UNKEEPABLE.search(value):
            raise InputInvalid({where: "Must not contain a NUL character or half of a surrogate pair"})
        if isinstance(value, dict):
            waiting += [(where, str(key)) for key in value]
            waiting += [(f"{where}.{key}", item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{where}.{number}", item) for number, item in enumerate(value)]


def keepable(value: Any) -> Any:
    """Give the value as the database can keep it: odd characters replaced, numbers that are none as null."""
    if isinstance(value, str):
        return line(value)
    if isinstance(value, Mapping):
        return {line(str(key)): keepable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [keepable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def line(text: str, longest: int | None = None) -> str:
    """Give the text as the database can keep it, cut to `longest` characters."""
    return _UNKEEPABLE.sub("\N{REPLACEMENT CHARACTER}", text if longest is None else text[:longest])
