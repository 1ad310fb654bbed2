"""What the outbox owes about notices: mails. And what the clock begins: forgetting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.notifications import inbox, mails
from bizosaas_app.services.notifications.mails import Addresses
from bizosaas_app.services.outbox import OutboxRow

_FORGET_AT_ONCE: Final = 5000
"""Rows that one transaction deletes: well within a statement's time."""


async def send_mails(session: AsyncSession, tenant_id: UUID, rows: Sequence[OutboxRow]) -> None:
    """Send each member one mail of all that is due; raises `UpstreamFailed` when the mail server is away."""
    held = resources()
    addresses = Addresses(pages=held.settings.public_origin, api=held.settings.api_url)
    for row in rows:
        letter = await mails.compose_due(
            session,
            Actor.system(tenant_id),
            UUID(row.key.removeprefix("user:")),
            ring=held.peppers["unsubscribe"],
            addresses=addresses,
            now=utc_now(),
        )
        if letter is not None:
            await held.mailer.send(letter)


async def forget_read(actor: Actor, now: datetime) -> None:
    """Delete the tenant's notices that were read long ago."""
    has_more = True
    while has_more:
        async with unit_of_work(actor) as session:
            has_more = await inbox.forget_read(session, now=now, limit=_FORGET_AT_ONCE) == _FORGET_AT_ONCE
