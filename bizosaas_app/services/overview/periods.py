"""Periods of the administrators' overview, each with the one that it is compared with. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, Literal

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.analytics import spans
from bizosaas_app.services.analytics.spans import Span
from bizosaas_app.services.gamification.periods import zone

Period = Literal["7d", "30d", "90d", "month", "last-month", "own"]

_DAYS: Final[dict[str, int]] = {"7d": 7, "30d": 30, "90d": 90}


def choose(period: Period, first: date | None, last: date | None, timezone: str, now: datetime) -> tuple[Span, Span]:
    """Give the days of a period and the days before it, in the tenant's time zone; own dates come as both ends.

    A month that still runs is compared with as much of the month before. Raises `InputInvalid` for `from` or `to`.
    """
    today = now.astimezone(zone(timezone)).date()
    if period == "month":
        return _month(today, timezone)
    if period == "last-month":
        end = today.replace(day=1) - timedelta(days=1)
        before = end.replace(day=1) - timedelta(days=1)
        return Span(end.replace(day=1), end, timezone), Span(before.replace(day=1), before, timezone)
    if period == "own":
        return _with_before(_own(first, last, timezone, now))
    return _with_before(Span(today - timedelta(days=_DAYS[period] - 1), today, timezone))


def _own(first: date | None, last: date | None, timezone: str, now: datetime) -> Span:
    missing = {name: "Choose a day" for name, day in (("from", first), ("to", last)) if day is None}
    if missing:
        raise InputInvalid(missing)
    return spans.choose(first, last, timezone, now)


def _month(today: date, timezone: str) -> tuple[Span, Span]:
    first = today.replace(day=1)
    last_before = first - timedelta(days=1)
    same_day = last_before.replace(day=min(today.day, last_before.day))
    return Span(first, today, timezone), Span(last_before.replace(day=1), same_day, timezone)


def _with_before(span: Span) -> tuple[Span, Span]:
    length = timedelta(days=len(span.days))
    return span, Span(span.first - length, span.last - length, span.timezone)
