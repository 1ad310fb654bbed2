"""Approvals: a client reads one campaign by a link, without an account, and says yes or asks for changes.

The link is a sealed text of ours that names the approval and ends by itself; the row ends it earlier.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel import token_prefixes
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, InputInvalid, NotFound
from bizosaas_app.kernel.secrets import PepperRing
from bizosaas_app.services import audit, desk_news
from bizosaas_app.services.accounts.sealed import seal, unseal
from bizosaas_app.services.social import approval_mails, lifecycle
from models import SocialApproval, SocialCampaign, SocialPost

Decision = Literal["approved", "changes"]

PREFIX: Final = token_prefixes.APPROVAL
LONGEST_DAYS: Final = 30
LONGEST_COMMENT: Final = 4000
_PAYLOAD: Final = 37
_ASKABLE: Final = ("running", "paused", "waiting", "changes_asked")


class LinkInvalid(NotFound):
    """The link is too old, taken back, or was never ours; which of these is nobody's business."""

    code = "link_invalid"
    title = "This link is not valid any more"


class AlreadyDecided(Conflict):
    """Somebody has answered by this link."""

    code = "already_decided"
    title = "This has been answered already"


class PostsChanged(Conflict):
    """What was read is not what would be published."""

    code = "posts_changed"
    title = "The posts have changed since you opened the page; please read them again"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link names."""

    tenant_id: UUID
    approval_id: UUID


@dataclass(frozen=True, slots=True)
class Folder:
    """What a client is shown: the campaign, its posts in the order of their times, and a digest of all they say."""

    approval: SocialApproval
    campaign: SocialCampaign
    posts: Sequence[SocialPost]
    digest: str


def token_of(ring: PepperRing, row: SocialApproval) -> str:
    """Give the text that stands in the link."""
    until = int(row.expires_at.timestamp()).to_bytes(5)
    return seal(ring, PREFIX, row.tenant_id.bytes + row.id.bytes + until)


def parse(ring: PepperRing, text: str, *, now: datetime) -> Link:
    """Give what a link names; raises `LinkInvalid` for a forged or an old one."""
    payload = unseal(ring, PREFIX, text, length=_PAYLOAD)
    if payload is None or datetime.fromtimestamp(int.from_bytes(payload[32:]), UTC) <= now:
        raise LinkInvalid
    return Link(UUID(bytes=payload[:16]), UUID(bytes=payload[16:32]))


async def request(
    session: AsyncSession,
    actor: Actor,
    campaign_id: UUID,
    *,
    client_name: str,
    client_email: str | None = None,
    days: int,
    now: datetime,
) -> SocialApproval:
    """Make a link for a client, mailed to `client_email` if there is one; the campaign waits, and earlier links end.

    Raises `WrongState` for a campaign that has ended, or `LimitReached` when that address was sent enough.
    """
    campaign = await lifecycle.hold(session, campaign_id)
    if campaign.state not in _ASKABLE:
        raise lifecycle.WrongState("The campaign has ended")
    if client_email is not None:
        await approval_mails.refuse_flood(session, actor, client_email, now=now)
    for earlier in await list_of(session, campaign_id):
        if earlier.is_open(now):
            earlier.revoked_at = now
    campaign.state, campaign.updated_at = "waiting", now
    row = SocialApproval(
        tenant_id=actor.tenant_id,
        campaign_id=campaign_id,
        client_name=client_name,
        client_email=client_email,
        created_by=actor.user_id,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    await session.flush()
    await audit.record(session, actor, action="social.approval_asked", subject=f"social_campaign:{campaign_id}")
    await desk_news.tell(session, actor, campaign_id)
    if client_email is not None:
        await approval_mails.enqueue(session, actor, row)
    return row


async def list_of(session: AsyncSession, campaign_id: UUID) -> list[SocialApproval]:
    """List the links of a campaign, the newest first."""
    query = (
        select(SocialApproval)
        .where(SocialApproval.campaign_id == campaign_id)
        .order_by(col(SocialApproval.created_at).desc(), col(SocialApproval.id).desc())
    )
    return list((await session.exec(query)).all())


async def is_approved(session: AsyncSession, campaign_id: UUID) -> bool:
    """Say whether the last answer of a client to this campaign was yes."""
    answered = [row for row in await list_of(session, campaign_id) if row.decision is not None]
    return bool(answered) and answered[0].decision == "approved"


async def revoke(session: AsyncSession, actor: Actor, approval_id: UUID, *, now: datetime) -> SocialApproval:
    """End a link at once; one that has ended stays as it is. Raises `NotFound`."""
    row = (await session.exec(select(SocialApproval).where(SocialApproval.id == approval_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such link")
    if row.revoked_at is None and row.decision is None:
        row.revoked_at = now
        await session.flush()
        subject = f"social_campaign:{row.campaign_id}"
        await audit.record(session, actor, action="social.approval_revoked", subject=subject)
        await desk_news.tell(session, actor, row.campaign_id)
    return row


async def open_folder(session: AsyncSession, approval_id: UUID, *, now: datetime) -> Folder:
    """Give what the link's client reads, before and after the answer; raises `LinkInvalid`."""
    approvals = select(SocialApproval).where(SocialApproval.id == approval_id)
    row = (await session.exec(approvals.execution_options(populate_existing=True))).one_or_none()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        raise LinkInvalid
    campaign = (await session.exec(select(SocialCampaign).where(SocialCampaign.id == row.campaign_id))).one()
    query = select(SocialPost).where(SocialPost.campaign_id == campaign.id).execution_options(populate_existing=True)
    posts = (await session.exec(query.order_by(col(SocialPost.scheduled_at), col(SocialPost.position)))).all()
    return Folder(row, campaign, posts, digest_of(posts))


async def decide(
    session: AsyncSession,
    actor: Actor,
    approval_id: UUID,
    decision: Decision,
    *,
    comment: str,
    digest: str,
    now: datetime,
) -> Folder:
    """Write the client's answer down, once: after a yes the posts go out in their time.

    Raises `LinkInvalid`, `AlreadyDecided`, `PostsChanged` when `digest` is not of the posts as they are now, or
    `InputInvalid` for `comment`.
    """
    named = await open_folder(session, approval_id, now=now)
    campaign = await lifecycle.hold(session, named.campaign.id)
    folder = await open_folder(session, approval_id, now=now)
    if folder.approval.decision is not None or campaign.state != "waiting":
        raise AlreadyDecided
    if not hmac.compare_digest(folder.digest.encode(), digest.encode()):
        raise PostsChanged
    if decision == "changes" and not comment.strip():
        raise InputInvalid({"comment": "Say what should be changed"})
    row = folder.approval
    row.decision, row.comment, row.decided_at = decision, comment.strip(), now
    campaign.state, campaign.updated_at = ("running" if decision == "approved" else "changes_asked"), now
    await session.flush()
    action = "social.approved" if decision == "approved" else "social.changes_asked"
    await audit.record(session, actor, action=action, subject=f"social_campaign:{campaign.id}")
    await desk_news.tell(session, actor, campaign.id)
    if decision == "approved":
        await lifecycle.begin(session, actor, campaign, now=now)
    return folder


def digest_of(posts: Sequence[SocialPost]) -> str:
    """Give a digest of all that the posts say, where and when."""
    said = [
        [str(post.account_id), post.text, post.title, post.media_url, post.hashtags, post.scheduled_at.timestamp()]
        for post in posts
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
