"""Cron lines in plain words: `Every Monday at 09:00`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from croniter import croniter

_DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ANY: Final = "*"
_MOST_TIMES: Final = 4
"""Times of day that are written out; more are given as minutes and hours."""

_SPECIAL: Final = frozenset("#l")
"""Signs for the second Monday or the last day, which a list of days cannot say."""

_Field = Sequence[int | str]


def read(line: str) -> str:
    """Say when a valid cron line of five fields comes; nothing for one that counts weekdays or from a month's end."""
    if _SPECIAL & set(line.lower()):
        return ""
    minutes, hours, days, months, weekdays = croniter.expand(line)[0]
    is_always = all(map(_is_any, (hours, days, months, weekdays)))
    when = _time(minutes, hours) if is_always else f"{_day(days, weekdays, months)} {_time(minutes, hours)}"
    return when[0].upper() + when[1:]


def _day(days: _Field, weekdays: _Field, months: _Field) -> str:
    """Say the days; cron takes the day of the month or that of the week, whichever comes, when both are given."""
    of_months = "every month" if _is_any(months) else _join([_MONTHS[int(month) - 1] for month in months])
    suffix = "" if _is_any(months) else f" of {of_months}"
    if _is_any(days):
        named = "day" if _is_any(weekdays) else _join([_DAYS[int(day) % 7] for day in weekdays])
        return f"every {named}{suffix}"
    dates = f"on the {_join([_ordinal(int(day)) for day in days])} of {of_months}"
    return dates if _is_any(weekdays) else f"{dates}, and every {_join([_DAYS[int(day) % 7] for day in weekdays])},"


def _time(minutes: _Field, hours: _Field) -> str:
    if _is_any(hours):
        return (
            "every hour" if list(minutes) == [0] else f"every hour at minute {_join([str(part) for part in minutes])}"
        )
    if not _is_any(minutes) and len(minutes) * len(hours) <= _MOST_TIMES:
        return f"at {_join([f'{int(hour):02}:{int(minute):02}' for hour in hours for minute in minutes])}"
    past = "every minute" if _is_any(minutes) else f"minute {_join([str(part) for part in minutes])}"
    return f"at {past} of the hours {_join([str(hour) for hour in hours])}"


def _is_any(field: _Field) -> bool:
    return list(field) == [_ANY]


def _join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _ordinal(day: int) -> str:
    ending = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"
