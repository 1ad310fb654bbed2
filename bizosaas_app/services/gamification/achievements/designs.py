"""Designs: the definitions as their administrator looks through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import SQLColumnExpression, case, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services import sheets
from models import Achievement, AchievementCategory, TenantAchievement
from models.achievements import TIERS


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which definitions are looked for; what is empty or None lets everything through."""

    words: str = ""
    category: str | None = None
    tier: str | None = None
    status: str | None = None
    is_custom: bool | None = None


# What the administrator sees of an achievement that has no holders is a nought, not nothing.
_HOLDERS: Final = (
    select(func.count(func.distinct(col(TenantAchievement.user_id))))
    .where(col(TenantAchievement.achievement_id) == col(Achievement.id), col(TenantAchievement.status) == "unlocked")
    .correlate(Achievement)
    .scalar_subquery()
)
ORDERS: Final[Mapping[str, SQLColumnExpression[Any]]] = {
    "category": col(AchievementCategory.position) * 10_000_000 + col(Achievement.points),
    "name": func.lower(col(Achievement.name)),
    "tier": case({tier: number for number, tier in enumerate(TIERS)}, value=col(Achievement.tier), else_=len(TIERS)),
    "points": col(Achievement.points),
    "unlocked_by": _HOLDERS,
    "status": col(Achievement.status),
    "created_at": col(Achievement.created_at),
}
"""What the table can be sorted by. Within a category the order is that of the points, as members see them."""


async def read_sheet(session: AsyncSession, wanted: Wanted, asked: sheets.Asked) -> sheets.Sheet[Achievement]:
    """Give a page of the definitions, drafts left out; raises `InputInvalid` for an unknown `sort`."""
    query = (
        select(Achievement)
        .join(AchievementCategory, col(AchievementCategory.id) == col(Achievement.category_id))
        .where(Achievement.status != "draft")
    )
    if wanted.words:
        columns = (col(Achievement.name), col(Achievement.key), col(Achievement.description))
        query = query.where(sheets.containing(wanted.words, *columns))
    if wanted.category is not None:
        query = query.where(AchievementCategory.key == wanted.category)
    if wanted.tier is not None:
        query = query.where(Achievement.tier == wanted.tier)
    if wanted.status is not None:
        query = query.where(Achievement.status == wanted.status)
    if wanted.is_custom is not None:
        query = query.where(Achievement.is_custom == wanted.is_custom)
    return await sheets.read(session, query, asked, orders=ORDERS, row_id=col(Achievement.id))


async def list_categories(session: AsyncSession) -> Sequence[AchievementCategory]:
    """List the categories in their order."""
    query = select(AchievementCategory).order_by(col(AchievementCategory.position), col(AchievementCategory.key))
    return (await session.exec(query)).all()
