"""Movement: whether a member's progress is other than it was, asked without reading all of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import TenantAchievement
from models.counters import AchievementCounter

Mark = tuple[tuple[int, datetime | None], tuple[int, datetime | None]]
"""How many rows there are and when one was last written: of the counters, and of what was decided."""


async def mark_of(session: AsyncSession, user_id: UUID) -> Mark:
    """Give what stands for all of the member's progress; another one means that something has moved."""
    counters = select(func.count(), func.max(AchievementCounter.updated_at)).where(
        col(AchievementCounter.user_id) == user_id
    )
    decided = select(func.count(), func.max(TenantAchievement.updated_at)).where(
        col(TenantAchievement.user_id) == user_id
    )
    moved, settled = (await session.exec(counters)).one(), (await session.exec(decided)).one()
    return (moved[0], moved[1]), (settled[0], settled[1])
