"""Days: what happened on each day of a span."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.analytics.spans import Span

_ON_PLATFORM: Final = "(CAST(:platform AS text) IS NULL OR {}.platform = :platform)"
_REFERRALS: Final = """
SELECT CAST({moment} AT TIME ZONE :timezone AS date) AS day, {counts}
FROM referral_programs p JOIN {table} ON c.tenant_id = p.tenant_id AND c.program_id = p.id
WHERE p.tenant_id = :tenant_id AND {platform} AND {moment} >= :since AND {moment} < :until AND {condition}
GROUP BY 1
"""

_SOURCES: Final = tuple(
    text(query)
    for query in (
        f"""
SELECT d.day, sum(d.events) AS events, sum(d.points) AS points, sum(d.unlocks) AS unlocks, sum(d.sign_ups) AS sign_ups
FROM daily_counts d
WHERE d.tenant_id = :tenant_id AND d.day BETWEEN :first AND :last AND {_ON_PLATFORM.format("d")} GROUP BY d.day
""",  # noqa: S608  # constants of this file
        f"""
SELECT d.day, count(DISTINCT d.user_id) AS active_members FROM member_days d
WHERE d.tenant_id = :tenant_id AND d.day BETWEEN :first AND :last AND d.events > 0 AND {_ON_PLATFORM.format("d")}
GROUP BY d.day
""",  # noqa: S608
        _REFERRALS.format(
            moment="c.clicked_at",
            counts="count(*) AS clicks",
            table="referral_clicks c",
            platform=_ON_PLATFORM.format("p"),
            condition="c.is_counted",
        ),
        _REFERRALS.format(
            moment="c.occurred_at",
            counts="count(*) AS conversions, count(*) FILTER (WHERE c.status = 'approved') AS approved",
            table="referral_conversions c",
            platform=_ON_PLATFORM.format("p"),
            condition="TRUE",
        ),
    )
)
"""Each gives a day and some of the columns of `Day`: from the rollups, and from the referrals by their indexes."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day: events of the ledger that still count and their points, members who had any, unlocks and sign-ups.

    `clicks` are those on referral links that count; `conversions` happened on the day, `approved` of them are so now.
    """

    day: date
    events: int = 0
    points: Decimal = Decimal(0)
    active_members: int = 0
    unlocks: int = 0
    clicks: int = 0
    sign_ups: int = 0
    conversions: int = 0
    approved: int = 0


async def list_days(session: AsyncSession, actor: Actor, span: Span, platform: str | None) -> list[Day]:
    """List every day of the span, also those on which nothing happened."""
    values = {
        "tenant_id": actor.tenant_id,
        "timezone": span.timezone,
        "first": span.first,
        "last": span.last,
        "since": span.since,
        "until": span.until,
        "platform": platform,
    }
    days = {day: Day(day) for day in span.days}
    for source in _SOURCES:
        for row in (await session.execute(source, values)).mappings():
            days[row["day"]] = replace(days[row["day"]], **_columns(row))
    return list(days.values())


def _columns(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "day"}
