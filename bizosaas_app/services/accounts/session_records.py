"""Session records: what a live session may do right now, read from the database in one query.

The gateway keeps each record in Valkey for a moment; the epochs (`epochs.py`) end that moment early.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ScalarSelect, Text, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models import ApiKey, AuthSession, Membership, RolePermission, Tenant, User

_SEEN_EVERY: Final = timedelta(minutes=5)
"""How exact `last_seen_at` is; a write on every request would cost more than it tells."""
_FOREVER: Final = timedelta(days=3650)
"""For a key without an end; its record is read again every minute anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """Who a session or an API key speaks for, and what they may do."""

    tenant_id: UUID
    tenant_slug: str
    session_id: UUID
    """The session's id, or the API key's."""
    user_id: UUID | None
    name: str
    email: str
    role: str
    permissions: frozenset[str]
    platforms: tuple[str, ...]
    platform: str
    expires_at: datetime
    secret_hash: str | None = None
    """Of an API key: what its secret must hash to."""

    def dump(self) -> str:
        """Give the record as text for Valkey."""
        return json.dumps(
            {
                "tenant_id": str(self.tenant_id),
                "tenant_slug": self.tenant_slug,
                "session_id": str(self.session_id),
                "user_id": str(self.user_id) if self.user_id else None,
                "name": self.name,
                "email": self.email,
                "role": self.role,
                "permissions": sorted(self.permissions),
                "platforms": list(self.platforms),
                "platform": self.platform,
                "expires_at": self.expires_at.isoformat(),
                "secret_hash": self.secret_hash,
            },
            separators=(",", ":"),
        )

    @classmethod
    def load(cls, text: str) -> SessionRecord:
        """Give the record of this text."""
        data: dict[str, Any] = json.loads(text)
        return cls(
            tenant_id=UUID(data["tenant_id"]),
            tenant_slug=data["tenant_slug"],
            session_id=UUID(data["session_id"]),
            user_id=UUID(data["user_id"]) if data["user_id"] else None,
            name=data["name"],
            email=data["email"],
            role=data["role"],
            permissions=frozenset(data["permissions"]),
            platforms=tuple(data["platforms"]),
            platform=data["platform"],
            expires_at=datetime.fromisoformat(data["expires_at"]),
            secret_hash=data["secret_hash"],
        )


async def find_session(
    session: AsyncSession, session_id: UUID, *, idle: timedelta, now: datetime
) -> SessionRecord | None:
    """Give the record of a live session, or None when it, its user or its tenant is not active.

    A session that was not refreshed for `idle` is dead. Its `last_seen_at` moves on, every few minutes.
    """
    found = (
        await session.execute(
            select(AuthSession, User, Membership, Tenant, permissions_of_member())
            .join(User, col(User.id) == AuthSession.user_id)
            .join(Membership, col(Membership.user_id) == AuthSession.user_id)
            .join(Tenant, col(Tenant.id) == AuthSession.tenant_id)
            .where(col(AuthSession.id) == session_id)
        )
    ).one_or_none()
    if found is None:
        return None
    row, user, membership, tenant, permissions = found
    if not is_usable(row, idle=idle, now=now) or not user.is_active or not tenant.is_active:
        return None
    if now - row.last_seen_at >= _SEEN_EVERY:
        await session.exec(update(AuthSession).where(col(AuthSession.id) == session_id).values(last_seen_at=now))
    return SessionRecord(
        tenant_id=row.tenant_id,
        tenant_slug=tenant.slug,
        session_id=row.id,
        user_id=user.id,
        name=user.name,
        email=user.email,
        role=membership.role_key,
        permissions=frozenset(permissions),
        platforms=tuple(membership.platforms),
        platform=row.platform if row.platform in membership.platforms else membership.platforms[0],
        expires_at=row.expires_at,
    )


def is_usable(row: AuthSession, *, idle: timedelta, now: datetime) -> bool:
    """Say whether the session is neither revoked nor over nor idle for too long."""
    return row.is_live(now) and now - (row.refresh_rotated_at or row.created_at) < idle


async def find_api_key(session: AsyncSession, key_id: UUID, *, now: datetime) -> SessionRecord | None:
    """Give the record of a live API key of an active tenant, or None."""
    found = (
        await session.execute(
            select(ApiKey, Tenant).join(Tenant, col(Tenant.id) == ApiKey.tenant_id).where(col(ApiKey.id) == key_id)
        )
    ).one_or_none()
    if found is None:
        return None
    key, tenant = found
    if not key.is_live(now) or not tenant.is_active:
        return None
    if key.last_used_at is None or now - key.last_used_at >= _SEEN_EVERY:
        await session.exec(update(ApiKey).where(col(ApiKey.id) == key_id).values(last_used_at=now))
    return SessionRecord(
        tenant_id=key.tenant_id,
        tenant_slug=tenant.slug,
        session_id=key.id,
        user_id=None,
        name=key.name,
        email="",
        role="api_key",
        permissions=frozenset(key.scopes),
        platforms=("bizosaas",),
        platform="bizosaas",
        expires_at=key.expires_at or now + _FOREVER,
        secret_hash=key.secret_hash,
    )


def permissions_of_member() -> ScalarSelect[list[str]]:
    """Collect the permissions of the member's role in the same round trip."""
    return (
        select(func.coalesce(func.array_agg(col(RolePermission.permission_key)), literal([], ARRAY(Text))))
        .where(col(RolePermission.role_key) == col(Membership.role_key))
        .correlate(Membership)
        .scalar_subquery()
    )
