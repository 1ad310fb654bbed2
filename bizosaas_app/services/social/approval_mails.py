"""Mails of approvals: the link goes to the client's mailbox, once, and no mailbox is filled by asking again.

An outbox row names the approval; what the mail says is read when it is due, so that a link that was taken back,
replaced or answered meanwhile is not sent at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import LimitReached
from bizosaas_app.services import desk_news, outbox
from models import SocialApproval, SocialCampaign, SocialPost, Tenant

Fate = Literal["sent", "refused", "unclear"]
"""What the mail server made of a mail; `unclear` may have arrived."""

TOPIC: Final = "approval_mail"
"""Outbox topic; the key is the approval's id."""

SPAN: Final = timedelta(hours=1)
MOST_TO_ONE: Final = 5
"""Mails to one address within `SPAN`: somebody who corrects a campaign asks a few times over."""
MOST_OF_ALL: Final = 60
"""Mails of one tenant within `SPAN`: an agency's morning, and no use to whoever wants to send in bulk."""


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail that is to be written: the link's row, and what it says of the campaign and of who asks."""

    approval: SocialApproval
    to: str
    campaign: str
    posts: int
    company: str
    accent: str | None
    """The tenant's own colour, `#rrggbb`."""


async def refuse_flood(session: AsyncSession, actor: Actor, to: str, *, now: datetime) -> None:
    """Raise `LimitReached` when this address, or the tenant, has been sent enough for now.

    Two who ask at the same time wait for each other until their transactions end.
    """
    name = f"{TOPIC}:{actor.tenant_id}"
    await session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
    for most, of_whom in ((MOST_TO_ONE, (col(SocialApproval.client_email) == to,)), (MOST_OF_ALL, ())):
        recent = select(SocialApproval.created_at).where(
            col(SocialApproval.client_email).is_not(None), col(SocialApproval.created_at) > now - SPAN, *of_whom
        )
        found = (await session.exec(recent.order_by(col(SocialApproval.created_at).desc()).limit(most))).all()
        if len(found) == most:
            raise LimitReached(
                "So many mails have gone out within an hour. Wait a while, or send the link yourself: leave the "
                "address empty.",
                resets_in_seconds=(found[-1] + SPAN - now).total_seconds(),
                code="too_many_mails",
            )


async def enqueue(session: AsyncSession, actor: Actor, row: SocialApproval) -> None:
    """Owe the mail once the transaction has been committed."""
    await outbox.enqueue(session, actor, TOPIC, str(row.id), {"approval_id": str(row.id)})


async def find_due(session: AsyncSession, approval_id: UUID, *, now: datetime) -> DueMail | None:
    """Find what the mail says; None when it was sent or refused, or when nobody may answer by the link any more."""
    query = (
        select(SocialApproval, SocialCampaign, Tenant)
        .join(SocialCampaign, col(SocialCampaign.id) == col(SocialApproval.campaign_id))
        .join(Tenant, col(Tenant.id) == col(SocialApproval.tenant_id))
        .where(SocialApproval.id == approval_id)
    )
    found = (await session.exec(query)).one_or_none()
    if found is None:
        return None
    row, campaign, tenant = found
    if row.client_email is None or row.mailed_at is not None or row.mail_failure is not None or not row.is_open(now):
        return None
    if campaign.state != "waiting" or not tenant.is_active:
        return None
    posts = select(func.count()).select_from(SocialPost).where(SocialPost.campaign_id == campaign.id)
    return DueMail(row, row.client_email, campaign.name, (await session.exec(posts)).one(), tenant.name, tenant.accent)


async def note(session: AsyncSession, actor: Actor, row: SocialApproval, fate: Fate, *, now: datetime) -> None:
    """Write down what became of the mail, and tell whoever watches the campaign."""
    if fate == "sent":
        row.mailed_at = now
    else:
        row.mail_failure = fate
    session.add(row)
    await session.flush()
    await desk_news.tell(session, actor, row.campaign_id)
