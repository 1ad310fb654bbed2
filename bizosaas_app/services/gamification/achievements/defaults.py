"""Defaults: giving a tenant the catalogue's categories and achievements, as far as it lacks them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.gamification.achievements import books, deriving
from bizosaas_app.services.gamification.achievements.catalogue import CATEGORIES, PREDEFINED, Predefined
from models import Achievement, AchievementCategory


async def ensure(session: AsyncSession, actor: Actor, *, now: datetime) -> int:
    """Write what the tenant lacks, and award it for what its ledger holds already; give how many were written."""
    known = set((await session.exec(select(Achievement.key))).all())
    missing = [item for item in PREDEFINED if item.key not in known]
    if not missing:
        return 0
    # The first of several that start at once: the others wait here, and then find nothing missing.
    await books.renew(session, actor.tenant_id)
    categories = await _ensure_categories(session, actor, now)
    rows = [_row(actor, item, categories[item.category], now) for item in missing]
    statement = insert(Achievement).values(rows).on_conflict_do_nothing(index_elements=["tenant_id", "key"])
    made = set((await session.execute(statement.returning(col(Achievement.key)))).scalars())
    await deriving.publish(session, actor, made, now, title="Award the predefined achievements")
    return len(made)


async def _ensure_categories(session: AsyncSession, actor: Actor, now: datetime) -> dict[str, UUID]:
    rows = [
        {
            "tenant_id": actor.tenant_id,
            "id": new_id(),
            "key": item.key,
            "name": item.name,
            "description": item.description,
            "position": position,
            "created_at": now,
        }
        for position, item in enumerate(CATEGORIES)
    ]
    statement = insert(AchievementCategory).values(rows)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["tenant_id", "key"]))
    return dict((await session.exec(select(AchievementCategory.key, AchievementCategory.id))).all())


def _row(actor: Actor, item: Predefined, category_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "tenant_id": actor.tenant_id,
        "id": new_id(),
        "category_id": category_id,
        "key": item.key,
        "name": item.name,
        "description": item.description,
        "icon": item.icon,
        "platform": None,
        "trigger": dict(item.trigger),
        "points": item.points,
        "tier": item.tier,
        "is_hidden": item.is_hidden,
        "is_custom": False,
        "repeats": item.repeats,
        "preconditions": list(item.preconditions),
        "limits": dict(item.limits),
        "status": "active",
        "starts_at": None,
        "ends_at": None if item.lasts_days is None else now + timedelta(days=item.lasts_days),
        "version": 1,
        "created_by": None,
        "created_at": now,
        "updated_at": now,
    }
