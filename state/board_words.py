"""How boards read to who runs them: the choices of the editor, and a definition in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bizosaas_app.gateway.contracts.leaderboards import BoardLine
from bizosaas_app.kernel.permissions import PLATFORMS, ROLE_NAMES, ROLE_PERMISSIONS
from state import rule_words
from state.ranks import WINDOW_LABELS
from state.rows import Choice

OPERATORS: Final[list[dict[str, str]]] = [
    {"value": "incr", "label": "Add up", "text": "Every act that counts adds to the score."},
    {"value": "best", "label": "Keep the best", "text": "The best single action is the score."},
    {"value": "set", "label": "Keep the latest", "text": "The last act is the score, whatever came before."},
    {"value": "decr", "label": "Take away", "text": "Every act that counts takes from the score."},
]
SORTS: Final[list[dict[str, str]]] = [
    {"value": "desc", "label": "Highest first", "text": "More is better."},
    {"value": "asc", "label": "Lowest first", "text": "Less is better, such as days until the first sale."},
]
TIE_RULES: Final[list[dict[str, str]]] = [
    {"value": "standard", "label": "1, 2, 2, 4", "text": "Equal scores share a rank and the next one is skipped."},
    {"value": "dense", "label": "1, 2, 2, 3", "text": "Equal scores share a rank and no rank is skipped."},
]
WINDOWS: Final[list[Choice]] = [Choice(value=value, label=label) for value, label in WINDOW_LABELS.items()]
PRESETS: Final[Mapping[str, str | None]] = {
    "never": None,
    "monthly": "0 0 1 * *",
    "weekly": "0 0 * * 1",
    "daily": "0 0 * * *",
}
"""Cron lines of the resets that most boards need."""
OWN_LINE: Final = "own"
RESETS: Final[list[Choice]] = [
    Choice(value="never", label="Never"),
    Choice(value="monthly", label="Every month"),
    Choice(value="weekly", label="Every week"),
    Choice(value="daily", label="Every day"),
    Choice(value=OWN_LINE, label="At times of your own"),
]
UNITS: Final[Mapping[str, int]] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
UNIT_CHOICES: Final[list[Choice]] = [Choice(value=name, label=name.capitalize()) for name in UNITS]

_ROLES: Final = [name for name in ROLE_PERMISSIONS if "view_leaderboards" in ROLE_PERMISSIONS[name]]
AUDIENCES: Final[Mapping[str, str]] = {
    **{name: f"{ROLE_NAMES[name]}s" for name in _ROLES},
    **{name: f"On {label}" for name, label in PLATFORMS.items()},
}
"""Who may see a board: members by their role, and whoever is on one of the platforms."""

_PLACES: Final[Mapping[str, str]] = {
    "count": "The number of {events}",
    "sum": "The total {field} of {events}",
    "max": "The largest {field} of {events}",
    "distinct": "How many different values of {field} {events} have",
    "streak": "Days in a row with {events}",
}


def metric(found: Mapping[str, Any]) -> str:
    """Say what a board counts: `The total points of acts of any kind`."""
    text = _PLACES.get(str(found.get("aggregate")), "{events}").format(
        events=rule_words.event_name(str(found.get("event", "*"))),
        field=rule_words.field_name(str(found.get("field", "value"))),
    )
    number = len(found.get("filters") or ())
    return f"{text}, with {number} {'condition' if number == 1 else 'conditions'}" if number else text


def seasons(line: BoardLine) -> str:
    """Say what the board shows by itself, and whether it begins anew."""
    window = {"all": "All time", "month": "This month", "week": "This week", "day": "Today"}[line.default_window]
    if line.resets is None:
        return window
    name = preset_of(line.resets)
    often = {"monthly": "every month", "weekly": "every week", "daily": "every day"}.get(name, "by a schedule")
    return f"{'Season' if line.default_window == 'all' else window}, resets {often}"


def audience(visibility: Sequence[str] | None) -> str:
    """Say who sees a board."""
    if visibility is None:
        return "Everybody"
    return ", ".join(AUDIENCES.get(name, name) for name in visibility)


def preset_of(line: str | None) -> str:
    """Give the preset that a cron line is, or that it is one of its own."""
    return next((name for name, known in PRESETS.items() if known == line), OWN_LINE)


def moment(at: datetime, timezone: str) -> str:
    """Say a moment on a time zone's wall clock: `Mon 30 Nov 2026, 09:00`."""
    return f"{at.astimezone(ZoneInfo(timezone)):%a %-d %b %Y, %H:%M}"
