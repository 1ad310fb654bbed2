"""What the outbox owes about notices: mails."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.notifications import mails
from bizosaas_app.services.notifications.mails import Addresses
from bizosaas_app.services.outbox import OutboxRow


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
