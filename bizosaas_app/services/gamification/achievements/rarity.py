"""Rarity: which share of the members has unlocked an achievement."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

MINIMUM: Final = 20
"""Active members. In a smaller group one unlock is worth 5 percent or more, and a share tells who it was."""

_COUNT: Final = text("""
SELECT a.achievement_id, count(DISTINCT a.user_id)
FROM tenant_achievements a JOIN members m ON m.tenant_id = a.tenant_id AND m.id = a.user_id AND m.status = 'active'
WHERE a.tenant_id = :tenant_id AND a.achievement_id = ANY(:achievements) AND a.status = 'unlocked'
GROUP BY a.achievement_id
""")


async def percentages(
    session: AsyncSession, tenant_id: UUID, achievement_ids: Collection[UUID]
) -> dict[UUID, float | None]:
    """Give the share of the active members that has each, in percent with one decimal; None in too small a group."""
    members = (await session.execute(text("SELECT count(*) FROM members WHERE status = 'active'"))).scalar_one()
    if members < MINIMUM:
        return dict.fromkeys(achievement_ids)
    chosen = {"tenant_id": tenant_id, "achievements": sorted(achievement_ids)}
    counts: dict[UUID, int] = {row[0]: row[1] for row in await session.execute(_COUNT, chosen)}
    return {key: round(100 * counts.get(key, 0) / members, 1) for key in achievement_ids}
