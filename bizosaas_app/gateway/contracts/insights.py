"""Insights: the ledger by kind of event, by member and by week of beginning."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from pydantic import Field

from bizosaas_app.gateway.contracts.base import Command, View


class ReadDays(Command):
    """Ask for the last `days` days, today included."""

    days: int = Field(90, ge=2, le=366)


class ReadMembers(ReadDays):
    """Ask who did what within the days; `type` keeps one kind of event."""

    type: str | None = Field(None, min_length=1, max_length=100)


class TypeDayView(View):
    """Events of one kind on one day, the sum of their values, and how many members had one."""

    day: dt.date
    type: str
    events: int
    value: Decimal
    members: int


class DaysView(View):
    """The days from `first` to `last`, in the tenant's time zone; days without an event have no row."""

    first: dt.date
    last: dt.date
    rows: list[TypeDayView]


class MemberView(View):
    """What a member did; who is not public appears under a pseudonym. `late_events` fell in the later half."""

    name: str
    first_day: dt.date
    last_day: dt.date
    active_days: int
    events: int
    value: Decimal
    late_events: int


class MembersView(View):
    """The members who did anything within the days, the most active first; at most 5,000."""

    first: dt.date
    last: dt.date
    rows: list[MemberView]


class CohortView(View):
    """How many of those who began in the week of `cohort` (a Monday) were active `age` weeks later."""

    cohort: dt.date
    age: int
    members: int


class CohortsView(View):
    """The cohorts that began within the days; a cohort's size is its row of age 0."""

    first: dt.date
    last: dt.date
    rows: list[CohortView]
