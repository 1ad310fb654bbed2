"""Credentials: the password of a user, checked at sign-in and changed by its owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Membership, Tenant, User


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against."""

    user_id: UUID
    tenant_id: UUID
    email: str
    name: str
    password_hash: str | None
    password_changed_at: datetime | None
    is_active: bool
    """Whether both the user and the tenant may be served."""
    role: str
    platforms: tuple[str, ...]


async def find(session: AsyncSession, user_id: UUID) -> Credentials | None:
    """Give the credentials of a user of the session's tenant, or None."""
    found = (
        await session.execute(
            select(User, Membership, Tenant)
            .join(Membership, col(Membership.user_id) == User.id)
            .join(Tenant, col(Tenant.id) == User.tenant_id)
            .where(col(User.id) == user_id)
        )
    ).one_or_none()
    if found is None:
        return None
    user, membership, tenant = found
    return Credentials(
        user_id=user.id,
        tenant_id=user.tenant_id,
        email=user.email,
        name=user.name,
        password_hash=user.password_hash,
        password_changed_at=user.password_changed_at,
        is_active=user.is_active and tenant.is_active,
        role=membership.role_key,
        platforms=tuple(membership.platforms),
    )


async def set_password(session: AsyncSession, *, user_id: UUID, password_hash: str, now: datetime) -> None:
    """Keep a new hash, but for somebody who was removed meanwhile."""
    await session.exec(
        update(User)
        .where(col(User.id) == user_id, col(User.status) != "removed")
        .values(password_hash=password_hash, password_changed_at=now)
    )


async def renew_hash(session: AsyncSession, who: Credentials, *, password_hash: str) -> None:
    """Keep the same password under a hash of today's cost, unless it has been changed since `who` was read."""
    await session.exec(
        update(User)
        .where(col(User.id) == who.user_id, col(User.password_hash) == who.password_hash)
        .values(password_hash=password_hash)
    )


async def note_sign_in(session: AsyncSession, who: Credentials, *, now: datetime) -> bool:
    """Keep when the user last came in; False when the password was changed or the user suspended since then.

    Holds the user's row until the transaction ends: a change of password waits, and then ends this session too.
    """
    result = await session.exec(
        update(User)
        .where(
            col(User.id) == who.user_id,
            col(User.password_changed_at) == who.password_changed_at,
            col(User.status) == "active",
        )
        .values(last_login_at=now)
    )
    return result.rowcount == 1
