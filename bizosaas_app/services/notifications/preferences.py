"""Preferences: where each member wants to be told of each kind of notice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.notifications.kinds import KINDS, Channels, Kind
from models import NotificationPreference

Choices = Mapping[tuple[UUID, str], Channels]
"""What members have chosen, by user and kind."""


async def find_choices(session: AsyncSession, user_ids: Collection[UUID], kind: Kind | None = None) -> Choices:
    """Give what these members have chosen (of one kind only); what is missing is as the kind's defaults say."""
    query = select(NotificationPreference).where(col(NotificationPreference.user_id).in_(user_ids))
    if kind is not None:
        query = query.where(NotificationPreference.kind == kind)
    rows = (await session.exec(query)).all()
    return {(row.user_id, row.kind): Channels(in_app=row.in_app, by_mail=row.by_mail) for row in rows}


def channels_of(choices: Choices, user_id: UUID, kind: Kind) -> Channels:
    """Give where the member is told of the kind."""
    return choices.get((user_id, kind), KINDS[kind].defaults)


async def list_own(session: AsyncSession, actor: Actor) -> dict[Kind, Channels]:
    """Give where the actor is told of each kind."""
    user_id = actor.member_id()
    choices = await find_choices(session, [user_id])
    return {kind: channels_of(choices, user_id, kind) for kind in KINDS}


async def choose(session: AsyncSession, actor: Actor, user_id: UUID, chosen: Mapping[Kind, Channels]) -> None:
    """Keep the member's choices; kinds that are not named stay as they are."""
    rows = [
        {
            "tenant_id": actor.tenant_id,
            "user_id": user_id,
            "kind": kind,
            "in_app": channels.in_app,
            "by_mail": channels.by_mail,
        }
        for kind, channels in chosen.items()
    ]
    new = insert(NotificationPreference).values(rows)
    changed = {name: new.excluded[name] for name in ("in_app", "by_mail")}
    await session.execute(new.on_conflict_do_update(index_elements=["tenant_id", "user_id", "kind"], set_=changed))


async def stop_mail(session: AsyncSession, actor: Actor, user_id: UUID, kinds: Collection[Kind]) -> None:
    """Send the member no more mails of these kinds; what is told in the application stays as it is."""
    choices = await find_choices(session, [user_id])
    told = {kind: channels_of(choices, user_id, kind).in_app for kind in kinds}
    await choose(
        session, actor, user_id, {kind: Channels(in_app=in_app, by_mail=False) for kind, in_app in told.items()}
    )
