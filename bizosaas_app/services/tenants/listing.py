"""The platform's list of tenants, through the platform's door: how large each is, and no row of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Integer, SQLColumnExpression, String, Uuid, column, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services import sheets

_T: Final = (
    func.app.platform_tenants()
    .table_valued(
        column("id", Uuid),
        column("slug", String),
        column("name", String),
        column("status", String),
        column("created_at", DateTime(timezone=True)),
        column("members", Integer),
        column("active_sessions", Integer),
        column("events_7d", BigInteger),
    )
    .alias("t")
)
"""The door refuses unless the session has the platform's signed context."""

ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "name": func.lower(_T.c.name),
    "status": _T.c.status,
    "created_at": _T.c.created_at,
    "members": _T.c.members,
    "active_sessions": _T.c.active_sessions,
    "events_7d": _T.c.events_7d,
}
"""What the list can be sorted by."""


@dataclass(frozen=True, slots=True)
class TenantLine:
    """One customer; counts only."""

    id: UUID
    slug: str
    name: str
    status: str
    created_at: datetime
    members: int
    active_sessions: int
    events_7d: int


@dataclass(frozen=True, slots=True)
class Totals:
    """All customers together."""

    tenants: int
    active: int
    members: int
    active_sessions: int
    events_7d: int


async def read_sheet(
    session: AsyncSession, *, words: str, status: str | None, asked: sheets.Asked
) -> sheets.Sheet[TenantLine]:
    """Give a page of the customers whose name or short name has the words in it; raises `InputInvalid` for `sort`."""
    query = select(*_T.c)
    if words:
        query = query.where(sheets.containing(words, _T.c.name, _T.c.slug))
    if status is not None:
        query = query.where(_T.c.status == status)
    sheet = await sheets.read_rows(session, query, asked, orders=ORDERS, row_id=_T.c.id)
    return sheets.Sheet([TenantLine(*row[: len(_T.c)]) for row in sheet.rows], sheet.next_place, sheet.total)


async def find(session: AsyncSession, tenant_id: UUID) -> TenantLine | None:
    """Give one customer, or None; the operator itself is none."""
    row = (await session.execute(select(*_T.c).where(_T.c.id == tenant_id))).one_or_none()
    return TenantLine(*row) if row else None


async def find_by_slug(session: AsyncSession, slug: str) -> TenantLine | None:
    """Give one customer by its short name, or None; the operator itself is none."""
    row = (await session.execute(select(*_T.c).where(_T.c.slug == slug))).one_or_none()
    return TenantLine(*row) if row else None


async def count(session: AsyncSession) -> Totals:
    """Count all customers together."""
    query = select(
        func.count(),
        func.count().filter(_T.c.status == "active"),
        func.coalesce(func.sum(_T.c.members), 0),
        func.coalesce(func.sum(_T.c.active_sessions), 0),
        func.coalesce(func.sum(_T.c.events_7d), 0),
    ).select_from(_T)
    return Totals(*map(int, (await session.execute(query)).one()))
