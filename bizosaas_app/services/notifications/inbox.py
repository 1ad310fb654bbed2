"""The inbox: a member's own notices, read and unread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services.notifications import notices
from models import Notification


async def count_unread(session: AsyncSession, actor: Actor) -> int:
    """Count what the actor has not read."""
    query = select(func.count()).where(
        col(Notification.user_id) == actor.member_id(), col(Notification.read_at).is_(None)
    )
    return (await session.exec(query)).one()


async def list_own(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
    since: datetime | None = None,
    kind: str | None = None,
    unread: bool | None = None,
) -> Sequence[Notification]:
    """List the actor's notices, newest first, after the given (time, id)."""
    query = select(Notification).where(col(Notification.user_id) == actor.member_id(), col(Notification.in_app))
    if after is not None:
        query = query.where(tuple_(col(Notification.created_at), col(Notification.id)) < tuple_(*after))
    if since is not None:
        query = query.where(col(Notification.created_at) >= since)
    if kind is not None:
        query = query.where(Notification.kind == kind)
    if unread is not None:
        is_unread = col(Notification.read_at).is_(None)
        query = query.where(is_unread if unread else ~is_unread)
    newest = (col(Notification.created_at).desc(), col(Notification.id).desc())
    return (await session.exec(query.order_by(*newest).limit(limit))).all()


async def mark_read(session: AsyncSession, actor: Actor, notice_id: UUID, *, now: datetime) -> None:
    """Mark one of the actor's own as read; a second time changes nothing. Raises `NotFound`."""
    mine = (Notification.id == notice_id, Notification.user_id == actor.member_id(), col(Notification.in_app))
    row = (await session.exec(select(Notification).where(*mine).with_for_update())).one_or_none()
    if row is None:
        raise NotFound
    if row.read_at is None:
        row.read_at = now
        session.add(row)
        await notices.wake(session, actor, row.user_id)


async def mark_all_read(session: AsyncSession, actor: Actor, *, now: datetime) -> int:
    """Mark all of the actor's as read and say how many there were."""
    user_id = actor.member_id()
    done = await session.exec(
        update(Notification)
        .where(col(Notification.user_id) == user_id, col(Notification.read_at).is_(None))
        .values(read_at=now)
    )
    if done.rowcount:
        await notices.wake(session, actor, user_id)
    return done.rowcount
