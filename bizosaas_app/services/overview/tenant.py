"""What happened lately in a tenant: who joined, and who did what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.audit_reading import is_last_word
from models import AuditEntry, Membership, User


@dataclass(frozen=True, slots=True)
class NewMember:
    """One of the latest members."""

    id: UUID
    name: str
    email: str
    role: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit log with the name of who acted, empty for the system."""

    id: UUID
    at: datetime
    action: str
    subject: str
    outcome: str
    actor_name: str


async def list_newest(session: AsyncSession, *, limit: int = 6) -> list[NewMember]:
    """List the members who joined last; of those who were removed nothing is shown."""
    query = (
        select(User, Membership.role_key)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(User.status != "removed")
        .order_by(col(User.created_at).desc(), col(User.id).desc())
        .limit(limit)
    )
    rows = (await session.exec(query)).all()
    return [NewMember(user.id, user.name, user.email, role, user.status, user.created_at) for user, role in rows]


async def list_acts(session: AsyncSession, *, limit: int = 8) -> list[Act]:
    """List the latest lines of the audit log, newest first; what has ended only by its end."""
    query = (
        select(AuditEntry, User.name)
        .join(User, col(User.id) == col(AuditEntry.actor_user_id), isouter=True)
        .where(is_last_word())
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .limit(limit)
    )
    rows = (await session.exec(query)).all()
    return [Act(row.id, row.at, row.action, row.subject, row.outcome, name or "") for row, name in rows]
