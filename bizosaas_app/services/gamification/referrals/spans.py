"""Spans: from when to when, told as days of the tenant's calendar or as moments. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification import periods

Edge = date | datetime
"""A day, or a moment with its offset."""

USUAL_DAYS: Final = 30
_REVERSED: Final = "The beginning must come before the end"


@dataclass(frozen=True, slots=True)
class Span:
    """From `begin` to just before `end`, in UTC."""

    begin: datetime
    end: datetime


def read(begin: Edge | None, end: Edge | None, timezone: str, *, now: datetime, days: int = USUAL_DAYS) -> Span:
    """Give the span; a last day is meant whole, and without a beginning it has so many `days`.

    Raises `InputInvalid` for `from` when it begins after its end.
    """
    today = now.astimezone(periods.zone(timezone)).date()
    last = end if end is not None else today
    first = begin if begin is not None else _day_of(last, timezone) - timedelta(days=days - 1)
    span = Span(_moment(first, timezone), _moment(last, timezone, days=1))
    if span.begin >= span.end:
        raise InputInvalid({"from": _REVERSED})
    return span


def read_edges(begin: Edge | None, end: Edge | None, timezone: str) -> tuple[datetime | None, datetime | None]:
    """Give the ends of a span that may be open on either side; raises `InputInvalid` as `read` does."""
    first = None if begin is None else _moment(begin, timezone)
    last = None if end is None else _moment(end, timezone, days=1)
    if first is not None and last is not None and first >= last:
        raise InputInvalid({"from": _REVERSED})
    return first, last


def _day_of(edge: Edge, timezone: str) -> date:
    return edge.astimezone(periods.zone(timezone)).date() if isinstance(edge, datetime) else edge


def _moment(edge: Edge, timezone: str, *, days: int = 0) -> datetime:
    """Give the moment itself, or midnight in the tenant's zone so many days after the day begins."""
    if isinstance(edge, datetime):
        return edge
    return datetime.combine(edge + timedelta(days=days), time(), periods.zone(timezone)).astimezone(UTC)
