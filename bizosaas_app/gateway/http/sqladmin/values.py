"""How the console writes values: as text that says what the database holds, and in a sheet that executes nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from bizosaas_app.gateway.http.sqladmin.columns import redacted

_IN_A_CELL: Final = 80


def shown(value: Any) -> str:
    """Give the value as text; an absent one is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, (dict, list)):
        return json.dumps(redacted(value), ensure_ascii=False, default=str)
    return str(value)


def in_a_cell(value: Any) -> str:
    """Give the value as a list shows it, cut where it is long."""
    text = shown(value)
    return text if len(text) <= _IN_A_CELL else f"{text[: _IN_A_CELL - 1]}…"


def in_a_sheet(value: Any) -> Any:
    """Give the value as `csv_text.write` takes it: numbers and times stay what they are."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, date, type(None))):
        return shown(value)
    return value
