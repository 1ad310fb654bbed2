"""Notices: a campaign's message in the application, written and settled in one transaction."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.channels import Message
from bizosaas_app.services.campaigns.audiences import CAMPAIGN
from bizosaas_app.services.notifications import notices
from bizosaas_app.services.notifications.kinds import Channels
from bizosaas_app.services.notifications.notices import Notice

_HERE_ONLY = Channels(in_app=True, by_mail=False)
"""A campaign's mail is a channel of its own: a notice does not become one by itself."""


async def leave(session: AsyncSession, actor: Actor, user_id: UUID, message: Message) -> None:
    """Leave the message for the member in the application, once by its key."""
    notice = Notice(kind=CAMPAIGN, user_id=user_id, title=message.subject, body=message.text, key=message.key)
    await notices.leave(session, actor, [(notice, _HERE_ONLY)])
