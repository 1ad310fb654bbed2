"""Schedules: at which moments a campaign may write to somebody. Pure.

Hours are those of a wall clock in the tenant's time zone. A day on which the clock is put forward has no hour that it
skips: what opens within it opens at the change. An hour that comes twice is open, or quiet, twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST: Final = timedelta(days=90)
"""Of a campaign: a quarter, which is also as far ahead as anybody plans one."""
USUAL: Final = timedelta(days=30)
"""Of a campaign that names no end."""

_AHEAD: Final = 9
"""Days that are looked through: a week and the days at both ends, for a schedule of one weekday."""
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of the day up to another, over midnight where the second is not later; equal is the whole day."""

    begin: time
    end: time

    def holds(self, at: time) -> bool:
        """Say whether the time of the day lies within."""
        if self.begin < self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end

    @property
    def minutes(self) -> set[int]:
        """The minutes of the day within, counted from midnight."""
        return {minute for minute in range(24 * 60) if self.holds(time(minute // 60, minute % 60))}


ALL_DAY: Final = Hours(time(0), time(0))


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many messages to one person within so many days, over all campaigns of the tenant."""

    messages: int
    days: int

    @property
    def span(self) -> timedelta:
        """The length of the days."""
        return timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When messages may go: on these days within `window`, but not in the quiet hours."""

    timezone: str
    window: Hours = ALL_DAY
    quiet: Hours | None = None
    days: tuple[str, ...] = DAYS
    cap: Cap | None = None

    def allows(self, moment: datetime) -> bool:
        """Say whether a message may go at this moment."""
        wall = moment.astimezone(ZoneInfo(self.timezone))
        is_day = DAYS[wall.weekday()] in self.days
        at = wall.time()
        return is_day and self.window.holds(at) and not (self.quiet is not None and self.quiet.holds(at))

    def next_allowed(self, moment: datetime) -> datetime | None:
        """Give the first moment from this one on at which a message may go; None when there is none."""
        return moment if self.allows(moment) else _next_opening(self, moment)

    @property
    def is_ever_open(self) -> bool:
        """Whether there is any minute of a usual day at which a message may go."""
        quiet = self.quiet.minutes if self.quiet is not None else set()
        return bool(self.days) and bool(self.window.minutes - quiet)

    def document(self) -> dict[str, Any]:
        """Give the schedule as it is kept in its JSON column."""
        return {
            "timezone": self.timezone,
            "window": _texts(self.window),
            "quiet": _texts(self.quiet) if self.quiet is not None else None,
            "days": list(self.days),
            "cap": {"messages": self.cap.messages, "days": self.cap.days} if self.cap is not None else None,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Read the schedule from its JSON column."""
        return cls(
            timezone=kept["timezone"],
            window=_hours(kept["window"]),
            quiet=_hours(kept["quiet"]) if kept["quiet"] else None,
            days=tuple(kept["days"]),
            cap=Cap(**kept["cap"]) if kept["cap"] else None,
        )

    def openings(self, moment: datetime) -> Iterator[datetime]:
        """Give the moments at which sending can become allowed: begins of hours, and changes of the clock."""
        zone = ZoneInfo(self.timezone)
        today = moment.astimezone(zone).date()
        opens = {time(0), self.window.begin, *([self.quiet.end] if self.quiet is not None else [])}
        for ahead in range(-1, _AHEAD):
            day = today + timedelta(days=ahead)
            yield from _clock_changes(day, zone)
            for at in opens:
                yield from _moments(day, at, zone)


@lru_cache(maxsize=1024)
def _next_opening(schedule: Schedule, moment: datetime) -> datetime | None:
    """Give the first opening after the moment; kept, because most people of an audience ask for the same one."""
    later = (candidate for candidate in sorted(set(schedule.openings(moment))) if candidate > moment)
    return next((candidate for candidate in later if schedule.allows(candidate)), None)


def _moments(day: date, at: time, zone: ZoneInfo) -> Iterator[datetime]:
    """Give the moments, none to two, at which the wall clock shows this on that day."""
    wall = datetime.combine(day, at)
    for fold in (0, 1):
        moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == wall:
            yield moment


def _clock_changes(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Give the moment, to the minute, at which the clock is changed within two days from the day's midnight."""
    begin = datetime.combine(day, time(0), UTC)
    end = begin + timedelta(days=2)
    before, after = begin.astimezone(zone).utcoffset(), end.astimezone(zone).utcoffset()
    if before == after:
        return
    while end - begin > _MINUTE:
        middle = begin + (end - begin) // 2 // _MINUTE * _MINUTE
        if middle.astimezone(zone).utcoffset() == before:
            begin = middle
        else:
            end = middle
    yield end


def _texts(hours: Hours) -> list[str]:
    return [hours.begin.strftime("%H:%M"), hours.end.strftime("%H:%M")]


def _hours(kept: list[str]) -> Hours:
    begin, end = map(time.fromisoformat, kept)
    return Hours(begin, end)
