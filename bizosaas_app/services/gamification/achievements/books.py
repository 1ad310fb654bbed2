"""The book of a tenant's definitions, parsed once for each state that they are in and kept by the process."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition
from models import Achievement, AchievementCategory, AchievementStamp

_KEPT: Final = 256
"""Books in the memory of a process, some 200 KB each for a hundred definitions; the oldest makes room."""

_STATE: Final = text("""
SELECT t.timezone, s.stamp FROM tenants t LEFT JOIN achievement_stamps s ON s.tenant_id = t.id WHERE t.id = :tenant_id
""")

_books: dict[UUID, tuple[tuple[str, UUID], Book]] = {}


async def current(session: AsyncSession, tenant_id: UUID) -> Book:
    """Give the definitions as this transaction sees them; drafts are left out."""
    timezone, stamp = (await session.execute(_STATE, {"tenant_id": tenant_id})).one()
    if stamp is None:
        return Book(timezone)
    known = _books.get(tenant_id)
    if known is not None and known[0] == (timezone, stamp):
        return known[1]
    book = Book(timezone, await _read(session))
    if len(_books) >= _KEPT and tenant_id not in _books:
        _books.pop(next(iter(_books)))
    _books[tenant_id] = ((timezone, stamp), book)
    return book


async def renew(session: AsyncSession, tenant_id: UUID) -> None:
    """Give the definitions a new stamp, one writer after the other: every process reads them again."""
    # Random, not a count: a number that was rolled back would come again for another state.
    fresh = new_id()
    statement = insert(AchievementStamp).values(tenant_id=tenant_id, stamp=fresh)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id"], set_={"stamp": statement.excluded.stamp})
    )


async def _read(session: AsyncSession) -> list[Definition]:
    query = (
        select(Achievement, AchievementCategory)
        .join(AchievementCategory, col(AchievementCategory.id) == col(Achievement.category_id))
        .where(Achievement.status != "draft")
    )
    return [Definition.of(row, category) for row, category in await session.exec(query)]
