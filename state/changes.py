"""Changes: what a form says other than it was opened with; only that is saved, the rest may be others'. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def changes_of(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Give what differs from how the form was opened."""
    return {name: value for name, value in now.items() if name not in before or value != before[name]}
