"""The calendar: spreads posts over days and hours of the tenant's zone, and keeps a gap between them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bizosaas_app.kernel.errors import InputInvalid

LONGEST_DAYS: Final = 366
_YEARS: Final = range(2000, 2200)
"""What zones have rules for; at the ends of the calendar a local time has no moment."""
ALL_DAYS: Final = frozenset(range(7))


class TooFewSlots(InputInvalid):
    """The days and hours do not hold so many posts at this distance."""

    code = "too_few_slots"
    title = "The days and hours hold too few posts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When posts may go out: local days and hours. `ends_at` is the latest time of a day that may be used.

    `weekdays` counts from Monday, 0.
    """

    first: date
    last: date
    begins_at: time
    ends_at: time
    gap: timedelta
    zone: ZoneInfo
    weekdays: frozenset[int] = ALL_DAYS


def spread(count: int, plan: Plan, *, not_before: datetime) -> list[datetime]:
    """Give `count` moments (UTC, ascending), evenly over the plan's slots and never closer than its gap.

    Raises `InputInvalid` for a plan that makes no sense, `TooFewSlots` with how many would fit.
    """
    _check(plan)
    slots = [slot for slot in _slots(plan) if slot >= not_before]
    if count > len(slots):
        raise TooFewSlots({"plan": f"These days and hours hold {len(slots)} posts, and there are {count}"})
    # The middle of each of `count` equal stretches: neither the first nor the last day is preferred.
    return [slots[(2 * number + 1) * len(slots) // (2 * count)] for number in range(count)]


def keep_apart(moments: Sequence[datetime], gap: timedelta, *, not_before: datetime) -> list[datetime]:
    """Give the moments in their order, each moved later as far as `not_before` and the gap to the one before ask."""
    kept: list[datetime] = []
    for moment in moments:
        earliest = kept[-1] + gap if kept else not_before
        kept.append(max(moment, earliest, not_before))
    return kept


def _check(plan: Plan) -> None:
    problems = {
        "first": (plan.first.year not in _YEARS or plan.last.year not in _YEARS) and "Choose days of this century",
        "last": plan.last < plan.first and "The last day comes before the first",
        "days": (plan.last - plan.first).days >= LONGEST_DAYS and f"At most {LONGEST_DAYS} days can be planned",
        "ends_at": plan.ends_at < plan.begins_at and "The day ends before it begins",
        "gap_minutes": plan.gap < timedelta(minutes=1) and "Leave at least a minute between two posts",
        "weekdays": not plan.weekdays & ALL_DAYS and "Choose at least one day of the week",
    }
    found = {field: message for field, message in problems.items() if message}
    if found:
        raise InputInvalid(found)


def _slots(plan: Plan) -> Iterator[datetime]:
    """Give every slot: from the beginning of each day's hours on, one after each gap of real time."""
    latest: datetime | None = None
    for number in range((plan.last - plan.first).days + 1):
        day = plan.first + timedelta(days=number)
        if day.weekday() not in plan.weekdays:
            continue
        slot, end = moment_of(day, plan.begins_at, plan.zone), moment_of(day, plan.ends_at, plan.zone)
        while slot <= end:
            if latest is None or slot - latest >= plan.gap:
                latest = slot
                yield slot
            slot += plan.gap


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Give the moment (UTC) at which the clocks of the zone show this: the first one where they show it twice.

    Where they skip it in spring, the moment is as much later as the clocks jump.
    """
    return datetime.combine(day, at, zone).astimezone(UTC)
