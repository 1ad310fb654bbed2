"""What the frame around every page shows of the tenant and the member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from models import Notification, Tenant, User


@dataclass(frozen=True, slots=True)
class Frame:
    """The tenant's name and brand colour, how many notifications the member has not read, and when they joined."""

    tenant_name: str
    accent: str | None
    unread_notifications: int
    member_since: datetime


async def read(session: AsyncSession, actor: Actor) -> Frame:
    """Read the frame's figures."""
    unread = (
        select(func.count())
        .select_from(Notification)
        .where(col(Notification.user_id) == actor.member_id(), col(Notification.read_at).is_(None))
    )
    tenant_name, accent = (await session.exec(select(Tenant.name, Tenant.accent))).one()
    return Frame(
        tenant_name=tenant_name,
        accent=accent,
        unread_notifications=(await session.exec(unread)).one(),
        member_since=(await session.exec(select(User.created_at).where(User.id == actor.member_id()))).one(),
    )
