"""Insights: what the ledger adds up to by kind of event, by member and by week, for whoever looks into the figures.

Only activity counts: what was undone, and facts that the ledger writes by itself, are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.analytics import success
from bizosaas_app.services.analytics.spans import Span, choose
from bizosaas_app.services.gamification.facts import OWN_TYPES
from bizosaas_app.services.gamification.people import Person

MOST_MEMBERS: Final = 5000
"""Rows of members in one answer, the most active first."""
MOST_ROWS: Final = 20_000
"""Rows of days and kinds: a year of some fifty kinds of event."""

_COUNTS: Final = """
e.tenant_id = :tenant_id AND e.occurred_at >= :since AND e.occurred_at < :until
    AND e.type <> ALL(CAST(:own_types AS text[])) AND e.reverses_event_id IS NULL AND NOT EXISTS (
        SELECT FROM gamification_events r WHERE r.tenant_id = :tenant_id AND r.reverses_event_id = e.event_id
    )
"""
_DAY: Final = "CAST(e.occurred_at AT TIME ZONE :timezone AS date)"

_TYPE_DAYS: Final = text(f"""
SELECT {_DAY} AS day, e.type, count(*), coalesce(sum(e.value), 0), count(DISTINCT e.user_id)
FROM gamification_events e
WHERE {_COUNTS} AND (CAST(:member AS uuid) IS NULL OR e.user_id = :member)
GROUP BY 1, 2 ORDER BY 1, 2 LIMIT :most
""")  # noqa: S608  # constants of this file

_MEMBERS: Final = text(f"""
SELECT m.id, m.name, m.leaderboard_privacy, m.status, a.first_day, a.last_day, a.days, a.events, a.value, a.late
FROM (
    SELECT e.user_id, min({_DAY}) AS first_day, max({_DAY}) AS last_day, count(DISTINCT {_DAY}) AS days,
        count(*) AS events, coalesce(sum(e.value), 0) AS value,
        count(*) FILTER (WHERE {_DAY} > CAST(:middle AS date)) AS late
    FROM gamification_events e
    WHERE {_COUNTS} AND e.user_id IS NOT NULL AND (CAST(:type AS text) IS NULL OR e.type = :type)
    GROUP BY e.user_id
) AS a JOIN members m ON m.tenant_id = :tenant_id AND m.id = a.user_id
ORDER BY a.events DESC, m.id LIMIT :most
""")  # noqa: S608

_COHORTS: Final = text("""
WITH weeks AS (
    SELECT DISTINCT user_id, CAST(date_trunc('week', CAST(day AS timestamp)) AS date) AS week FROM member_days
    WHERE tenant_id = :tenant_id AND events > 0 AND day <= :last
), firsts AS (SELECT user_id, min(week) AS cohort FROM weeks GROUP BY user_id)
SELECT f.cohort, (w.week - f.cohort) / 7 AS age, count(*)
FROM firsts f JOIN weeks w USING (user_id)
WHERE f.cohort >= :first GROUP BY 1, 2 ORDER BY 1, 2
""")


@dataclass(frozen=True, slots=True)
class TypeDay:
    """Events of one kind on one day, the sum of their values, and how many members had one."""

    day: date
    type: str
    events: int
    value: Decimal
    members: int


@dataclass(frozen=True, slots=True)
class MemberActivity:
    """What a member did within a span; `late_events` are those in its later half."""

    user_id: UUID
    person: Person
    first_day: date
    last_day: date
    active_days: int
    events: int
    value: Decimal
    late_events: int


@dataclass(frozen=True, slots=True)
class CohortWeek:
    """How many of those whose activity began in the week of `cohort` (a Monday) were active `age` weeks later."""

    cohort: date
    age: int
    members: int


async def choose_days(session: AsyncSession, actor: Actor, days: int, now: datetime) -> Span:
    """Give the span of the last `days` days in the tenant's time zone, today included."""
    today = await success.choose_span(session, actor, None, None, now)
    return choose(today.last - timedelta(days=days - 1), today.last, today.timezone, now)


async def list_type_days(session: AsyncSession, actor: Actor, span: Span, member: UUID | None) -> list[TypeDay]:
    """List days and kinds on which anything happened, of the tenant or of one member; at most `MOST_ROWS`."""
    values = _values(actor, span) | {"member": member, "most": MOST_ROWS}
    return [TypeDay(*row) for row in await session.execute(_TYPE_DAYS, values)]


async def list_members(session: AsyncSession, actor: Actor, span: Span, kind: str | None) -> list[MemberActivity]:
    """List the members who did anything (of this kind) within the span, at most `MOST_MEMBERS`."""
    middle = span.days[(len(span.days) - 1) // 2]
    values = _values(actor, span) | {"type": kind, "middle": middle, "most": MOST_MEMBERS}
    rows = await session.execute(_MEMBERS, values)
    return [MemberActivity(row[0], Person.of(*row[1:4]), *row[4:]) for row in rows]


async def list_cohorts(session: AsyncSession, actor: Actor, span: Span) -> list[CohortWeek]:
    """List the cohorts from the week of the span's first day on, with how many were active in each week after."""
    monday = span.first - timedelta(days=span.first.weekday())
    values = {"tenant_id": actor.tenant_id, "first": monday, "last": span.last}
    return [CohortWeek(*row) for row in await session.execute(_COHORTS, values)]


def _values(actor: Actor, span: Span) -> dict[str, Any]:
    return {
        "tenant_id": actor.tenant_id,
        "since": span.since,
        "until": span.until,
        "timezone": span.timezone,
        "own_types": sorted(OWN_TYPES),
    }
