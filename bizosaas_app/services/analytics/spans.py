"""Spans: the days that figures are asked for, both ends included, in the tenant's time zone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.periods import zone

DEFAULT_DAYS: Final = 30
LONGEST_DAYS: Final = 366
"""A year, leap years included."""


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last day."""

    first: date
    last: date
    timezone: str

    @property
    def days(self) -> list[date]:
        """Every day, in order."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def since(self) -> datetime:
        """The instant at which the first day begins."""
        return self._midnight(self.first)

    @property
    def until(self) -> datetime:
        """The instant at which the last day has ended."""
        return self._midnight(self.last + timedelta(days=1))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), zone(self.timezone)).astimezone(UTC)


def choose(first: date | None, last: date | None, timezone: str, now: datetime) -> Span:
    """Give the span that is asked for: without an end it ends today, without a beginning it has 30 days.

    Raises `InputInvalid` for `from` when it lies after the end, or more than 366 days before it.
    """
    end = last or now.astimezone(zone(timezone)).date()
    begin = first or end - timedelta(days=DEFAULT_DAYS - 1)
    if begin > end:
        raise InputInvalid({"from": "Must not be later than the last day"})
    if (end - begin).days >= LONGEST_DAYS:
        raise InputInvalid({"from": f"At most {LONGEST_DAYS} days can be asked for at once"})
    return Span(begin, end, timezone)
