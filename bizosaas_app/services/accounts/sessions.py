"""Sessions: one for each device that signed in, until it signs out, is signed out, or falls asleep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, tuple_
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services.accounts import devices, epochs
from models import AuthSession

EndReason = Literal[
    "logout",
    "logout_all",
    "ended_by_owner",
    "refresh_reused",
    "password_changed",
    "password_reset",
    "suspended",
    "removed",
]

_LONGEST_AGENT = 512


async def open_session(
    session: AsyncSession,
    actor: Actor,
    *,
    user_id: UUID,
    platform: str,
    device_hash: str | None,
    lifetime: timedelta,
    now: datetime,
) -> AuthSession:
    """Write a new session for the device that `actor` describes by its address and user agent."""
    row = AuthSession(
        tenant_id=actor.tenant_id,
        user_id=user_id,
        platform=platform,
        device_label=devices.label(actor.user_agent),
        device_hash=device_hash,
        address=actor.address,
        user_agent=actor.user_agent[:_LONGEST_AGENT],
        created_at=now,
        last_seen_at=now,
        expires_at=now + lifetime,
    )
    session.add(row)
    await session.flush()
    return row


async def list_sessions(
    session: AsyncSession,
    *,
    user_id: UUID,
    idle: timedelta,
    now: datetime,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
) -> Sequence[AuthSession]:
    """Give up to `limit` of the user's live sessions, the latest sign-in first, older than the given (time, id)."""
    query = (
        select(AuthSession)
        .where(
            col(AuthSession.user_id) == user_id,
            col(AuthSession.revoked_at).is_(None),
            col(AuthSession.expires_at) > now,
            func.coalesce(col(AuthSession.refresh_rotated_at), col(AuthSession.created_at)) > now - idle,
        )
        .order_by(col(AuthSession.created_at).desc(), col(AuthSession.id).desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(col(AuthSession.created_at), col(AuthSession.id)) < tuple_(*before))
    return (await session.exec(query)).all()


async def get_session(session: AsyncSession, session_id: UUID) -> AuthSession:
    """Give a session of the tenant, or raise `NotFound`."""
    row = (await session.exec(select(AuthSession).where(AuthSession.id == session_id))).one_or_none()
    if row is None:
        raise NotFound
    return row


async def end_session(
    session: AsyncSession, actor: Actor, *, session_id: UUID, user_id: UUID, reason: EndReason, now: datetime
) -> None:
    """End one live session of this user, or raise `NotFound`; another user's is not found either."""
    ended = await _end(session, now, reason, col(AuthSession.id) == session_id, col(AuthSession.user_id) == user_id)
    if not ended:
        raise NotFound
    await epochs.end(session, actor, "user", user_id)


async def end_all(
    session: AsyncSession,
    actor: Actor,
    *,
    user_id: UUID,
    reason: EndReason,
    now: datetime,
    keep: UUID | None = None,
) -> int:
    """End every live session of this user but `keep`; give how many ended."""
    ended = await _end(session, now, reason, col(AuthSession.user_id) == user_id, col(AuthSession.id) != keep)
    await epochs.end(session, actor, "user", user_id)
    return ended


async def end_everybodys(session: AsyncSession, *, reason: EndReason, now: datetime) -> int:
    """End every live session of the tenant; the caller begins the tenant's new epoch. Give how many ended."""
    return await _end(session, now, reason)


async def _end(session: AsyncSession, now: datetime, reason: EndReason, *which: ColumnElement[bool]) -> int:
    result = await session.exec(
        update(AuthSession)
        .where(*which, col(AuthSession.revoked_at).is_(None))
        .values(revoked_at=now, revoke_reason=reason)
    )
    return result.rowcount


async def move_to_platform(session: AsyncSession, actor: Actor, *, session_id: UUID, platform: str) -> None:
    """Put the session into another platform, for its next tokens and for what it sees."""
    row = await get_session(session, session_id)
    row.platform = platform
    session.add(row)
    await epochs.end(session, actor, "user", row.user_id)
