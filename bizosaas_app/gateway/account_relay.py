"""What the outbox owes about accounts: letters, and new epochs after a crash. Registered with the relay at start."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.accounts import epochs, letters
from bizosaas_app.services.outbox import OutboxRow


async def send_letters(session: AsyncSession, tenant_id: UUID, rows: Sequence[OutboxRow]) -> None:
    """Write and send each letter; raises `UpstreamFailed` when the mail server is away, and the rest waits."""
    held = resources()
    actor = Actor.system(tenant_id)
    for row in rows:
        letter = await letters.compose(
            session, actor, row.payload, ring=held.peppers["account_token"], public_url=held.settings.public_url
        )
        if letter is not None:
            await held.mailer.send(letter)


async def renew_epochs(session: AsyncSession, tenant_id: UUID, rows: Sequence[OutboxRow]) -> None:  # noqa: ARG001  # the shape of a handler
    """Begin the epochs that a crash after the commit may have left out; once too often does no harm."""
    for row in rows:
        scope, _, subject_id = row.key.partition(":")
        await epochs.renew(tenant_id, "tenant" if scope == "tenant" else "user", UUID(subject_id))
