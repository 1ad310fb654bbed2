"""What the platform's administrator sees first: every tenant with its size, through the platform's door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession


@dataclass(frozen=True, slots=True)
class TenantLine:
    """One customer; counts only, no row of theirs."""

    id: UUID
    slug: str
    name: str
    status: str
    created_at: datetime
    members: int
    active_sessions: int
    events_7d: int


async def list_tenants(session: AsyncSession) -> list[TenantLine]:
    """List the customers; the database refuses unless the session has the platform's signed context."""
    rows = await session.execute(
        text(
            "select id, slug, name, status, created_at, members, active_sessions, events_7d"
            " from app.platform_tenants() order by name"
        )
    )
    return [TenantLine(*row) for row in rows]
