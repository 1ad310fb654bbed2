"""Resets: the moments at which a board of all time begins a new season. Pure.

A cron line is read on the tenant's wall clock. A time that the clocks jump over in spring resets when they jump;
one that comes twice in autumn resets the first time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.periods import zone

SHORTEST: Final = timedelta(hours=1)
"""A season lasts at least so long."""
_FIELDS: Final = 5
_LOOKED_AT: Final = 60
"""Resets that are looked at for one that follows too soon: more than a day of hourly ones."""
_EXAMPLE: Final = datetime(2026, 1, 1)  # noqa: DTZ001  # a wall clock's time has no zone
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_AHEAD: Final = timedelta(hours=3)
"""More than any clock is ever set back by: whatever reset has passed has a smaller wall time."""
_HOURS: Final = 16_384
"""Hours that a worker remembers the seasons of: two years of one line."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The season that begins at this instant; its name is the wall clock's time, such as `s2026-11-23T0900`."""

    at: datetime
    name: str


def check(line: str) -> None:
    """Pass for a cron line that can be kept, else raise `InputInvalid`."""
    if len(line.split()) != _FIELDS or not croniter.is_valid(line):
        raise InputInvalid({"resets": "Use a cron line of five fields, such as 0 9 * * 1"})
    try:
        moments = list(islice(_walk(line, _EXAMPLE), _LOOKED_AT))
    except CroniterError:
        raise InputInvalid({"resets": "No such day ever comes"}) from None
    if any(later - earlier < SHORTEST for earlier, later in pairwise(moments)):
        raise InputInvalid({"resets": "A season must last at least an hour"})


def last_at(line: str, timezone: str, moment: datetime) -> Reset:
    """Give the last reset at or before the moment."""
    resets = _around(line, timezone, moment.replace(minute=0, second=0, microsecond=0))
    return resets[bisect_right(resets, moment, key=lambda reset: reset.at) - 1]


def next_after(line: str, timezone: str, moment: datetime) -> Reset:
    """Give the first reset after the moment."""
    here = zone(timezone)
    return next(reset for reset in _resets(line, here, _wall(moment, here) - _AHEAD) if reset.at > moment)


def upcoming(line: str, timezone: str, moment: datetime, *, count: int) -> list[datetime]:
    """Give the next instants at which a season begins."""
    here = zone(timezone)
    later = (reset.at for reset in _resets(line, here, _wall(moment, here) - _AHEAD) if reset.at > moment)
    return list(islice(later, count))


@lru_cache(maxsize=_HOURS)
def _around(line: str, timezone: str, hour: datetime) -> tuple[Reset, ...]:
    """Give the reset before this hour, and those within it."""
    here = zone(timezone)
    backwards = croniter(line, _wall(hour, here) + _AHEAD)
    before = backwards.get_prev(datetime)
    while _instant(before, here) > hour:
        before = backwards.get_prev(datetime)
    found = [Reset(_instant(before, here), _name(before))]
    for reset in _resets(line, here, before):
        if reset.at >= hour + _HOUR:
            return tuple(found)
        found.append(reset)
    raise AssertionError("resets never end")


def _resets(line: str, here: ZoneInfo, after: datetime) -> Iterator[Reset]:
    for wall in _walk(line, after):
        yield Reset(_instant(wall, here), _name(wall))


def _walk(line: str, after: datetime) -> Iterator[datetime]:
    forwards = croniter(line, after)
    while True:
        yield forwards.get_next(datetime)


def _name(wall: datetime) -> str:
    return f"s{wall:%Y-%m-%dT%H%M}"


def _wall(moment: datetime, here: ZoneInfo) -> datetime:
    return moment.astimezone(here).replace(tzinfo=None)


def _instant(wall: datetime, here: ZoneInfo) -> datetime:
    """Give the first instant at which the wall clock shows this time or a later one."""
    found = min(wall.replace(tzinfo=here, fold=fold).astimezone(UTC) for fold in (0, 1))
    while _wall(found, here) < wall:
        found += _MINUTE
    return found
