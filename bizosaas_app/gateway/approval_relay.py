"""What the outbox owes about approvals: the mails with a client's link. Registered with the relay at start."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import approval_letters, social_approvals
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.mail import Letter, MailRefused, MailUnclear
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services.outbox import OutboxRow
from bizosaas_app.services.social import approval_mails


async def send_mails(session: AsyncSession, tenant_id: UUID, rows: Sequence[OutboxRow]) -> None:
    """Send each client their link; raises `UpstreamFailed` when the mail server is away, and the rest waits.

    What was refused for good, or may have arrived, is written down instead of tried again: whoever asked sees it beside
    the link, which they can send themselves.
    """
    for row in rows:
        due = await approval_mails.find_due(session, UUID(row.key), now=utc_now())
        if due is not None:
            letter = approval_letters.compose(due, social_approvals.link_to(due.approval))
            fate = await _send(letter)
            await approval_mails.note(session, Actor.system(tenant_id), due.approval, fate, now=utc_now())


async def _send(letter: Letter) -> approval_mails.Fate:
    try:
        await resources().mailer.send(letter)
    except MailRefused:
        return "refused"
    except MailUnclear:
        return "unclear"
    return "sent"
