"""Periods: the named stretches of time that a leaderboard counts in, in the tenant's time zone. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

Window = Literal["all", "month", "week", "day"]

WINDOWS: Final[tuple[Window, ...]] = get_args(Window)
ALL_TIME: Final = "all"
DAWN: Final = datetime(1970, 1, 1, tzinfo=UTC)
DUSK: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Before and after everything that a ledger holds."""

_NAMES: Final[dict[Window, str]] = {"all": ALL_TIME, "month": "%Y-%m", "week": "%G-W%V", "day": "%Y-%m-%d"}
"""ISO 8601 names; a week belongs to the year that holds its Thursday, hence %G and not %Y."""

_FORMS: Final[tuple[tuple[re.Pattern[str], Window], ...]] = (
    (re.compile(r"all|s\d{4}-\d{2}-\d{2}T\d{4}"), "all"),
    (re.compile(r"\d{4}-\d{2}"), "month"),
    (re.compile(r"\d{4}-W\d{2}"), "week"),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "day"),
)


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """Give the time zone of this IANA name."""
    return ZoneInfo(name)


def period_of(moment: datetime, window: Window, timezone: str) -> str:
    """Name the period of this window that holds the moment: `all`, `2026-11`, `2026-W47` or `2026-11-22`."""
    return moment.astimezone(zone(timezone)).strftime(_NAMES[window])


def periods_of(moment: datetime, timezone: str) -> tuple[str, ...]:
    """Name every period that holds the moment, one for each window."""
    local = moment.astimezone(zone(timezone))
    return tuple(local.strftime(name) for name in _NAMES.values())


def window_of(period: str) -> Window | None:
    """Give the window whose periods have names of this form; a season is one of `all`. None for no period's name."""
    return next((window for form, window in _FORMS if form.fullmatch(period)), None)


def first_day(period: str) -> date | None:
    """Give the day on which the period of this name begins; None for all time, and for a name of no period."""
    try:
        match window_of(period):
            case "day":
                return date.fromisoformat(period)
            case "week":
                return date.fromisocalendar(int(period[:4]), int(period[6:]), 1)
            case "month":
                return date.fromisoformat(f"{period}-01")
            case "all" if period != ALL_TIME:
                return datetime.strptime(period, "s%Y-%m-%dT%H%M").date()  # noqa: DTZ007  # a wall clock's time
    except ValueError:
        return None
    return None


def title(period: str) -> str:
    """Say the period in words: `November 2026`, `week 47 of 2026`, `22 November 2026`."""
    day = first_day(period)
    if day is None:
        return "all time"
    return {
        "day": f"{day:%-d %B %Y}",
        "week": f"week {int(period[6:])} of {period[:4]}" if "W" in period else "",
        "month": f"{day:%B %Y}",
        "all": f"the season from {day:%-d %B %Y}",
    }[window_of(period) or "all"]


def ends_at(moment: datetime, window: Window, timezone: str) -> datetime | None:
    """Give the first instant (UTC) after the period that holds the moment; None for all time.

    Counted on the wall clock, so that a day with a clock change has 23 or 25 hours.
    """
    if window == "all":
        return None
    midnight = _midnight(moment, timezone)
    if window == "day":
        following = midnight + timedelta(days=1)
    elif window == "week":
        following = midnight + timedelta(days=7 - midnight.weekday())
    else:
        following = (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    return following.astimezone(UTC)


def starts_at(moment: datetime, window: Window, timezone: str) -> datetime | None:
    """Give the first instant (UTC) of the period that holds the moment; None for all time."""
    if window == "all":
        return None
    midnight = _midnight(moment, timezone)
    if window == "week":
        midnight -= timedelta(days=midnight.weekday())
    elif window == "month":
        midnight = midnight.replace(day=1)
    return midnight.astimezone(UTC)


def _midnight(moment: datetime, timezone: str) -> datetime:
    """Give the beginning of the moment's day there, on the wall clock."""
    return moment.astimezone(zone(timezone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
