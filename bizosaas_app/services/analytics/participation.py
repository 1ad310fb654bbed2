"""Participation: how many members there are, and how many of them do what the platform wants them to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.analytics.spans import Span

_COUNT: Final = text("""
WITH members AS (
    SELECT m.user_id FROM memberships m JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
    WHERE m.tenant_id = :tenant_id AND u.status = 'active' AND u.created_at < :until
        AND (CAST(:platform AS text) IS NULL OR :platform = ANY(m.platforms))
), days AS (
    SELECT d.user_id, sum(d.events) > 0 AS is_active, sum(d.unlocks) > 0 AS has_unlocked FROM member_days d
    WHERE d.tenant_id = :tenant_id AND d.day BETWEEN :first AND :last
        AND (CAST(:platform AS text) IS NULL OR d.platform = :platform)
    GROUP BY d.user_id
), owners AS (
    SELECT DISTINCT s.owner_user_id AS user_id FROM showcase_portfolios s
    WHERE s.tenant_id = :tenant_id AND s.status IN ('draft', 'published', 'unpublished') AND s.created_at < :until
)
SELECT count(*), count(*) FILTER (WHERE days.is_active), count(*) FILTER (WHERE days.is_active AND days.has_unlocked),
    count(*) FILTER (WHERE owners.user_id IS NOT NULL)
FROM members LEFT JOIN days USING (user_id) LEFT JOIN owners USING (user_id)
""")


@dataclass(frozen=True, slots=True)
class Participants:
    """Members with an active account who had joined by the end of the span, and how many of them take part.

    `active` had an event within the span, `unlocked` are the active ones with an unlock within it, `with_showcase`
    own a showcase that has been written. On one platform: the members who may use it, and what they did there.
    """

    members: int
    active: int
    unlocked: int
    with_showcase: int


async def count(session: AsyncSession, actor: Actor, span: Span, platform: str | None) -> Participants:
    """Count the members of the actor's tenant."""
    values = {
        "tenant_id": actor.tenant_id,
        "first": span.first,
        "last": span.last,
        "until": span.until,
        "platform": platform,
    }
    return Participants(*(await session.execute(_COUNT, values)).one())
