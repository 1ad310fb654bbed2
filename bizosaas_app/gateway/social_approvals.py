"""Approvals: the links that our people make, and what a client does with one, without an account."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import social_views, visiting
from bizosaas_app.gateway.contracts.social import CampaignId
from bizosaas_app.gateway.contracts.social_approvals import (
    ApprovalId,
    ApprovalView,
    AskApproval,
    Decide,
    FolderPostView,
    FolderView,
    ReadFolder,
)
from bizosaas_app.gateway.http.addresses import address_bucket
from bizosaas_app.gateway.limits import throttle
from bizosaas_app.gateway.limits.flood import FloodGate
from bizosaas_app.gateway.pipeline import Visitor, operation, public_operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import LimitReached
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.gamification.periods import zone
from bizosaas_app.services.social import accounts, approvals, campaigns, hashtags
from bizosaas_app.services.social.approvals import Folder, Link, LinkInvalid
from bizosaas_app.services.social.networks import NETWORKS
from bizosaas_app.services.tenants import records
from models import SocialAccount, SocialApproval, SocialPost

PERMISSION: Final = "manage_social"
PATH: Final = "/approve"
_READERS: Final = FloodGate(rate=2, burst=60)
"""Pages of one address: a client's office reads freely, somebody who tries links is slowed down."""


@operation("social.ask_approval", permission=PERMISSION)
async def ask(actor: Actor, command: AskApproval) -> ApprovalView:
    """Make a link for a client, and mail it if an address is given; the campaign waits for the answer.

    Raises `NotFound`, `WrongState`, or `LimitReached` when that address was sent enough.
    """
    async with unit_of_work(actor) as session:
        row = await approvals.request(
            session,
            actor,
            command.campaign_id,
            client_name=command.client_name,
            client_email=command.client_email,
            days=command.days,
            now=utc_now(),
        )
    return _view(row, utc_now())


@operation("social.approvals", permission=PERMISSION)
async def list_approvals(actor: Actor, command: CampaignId) -> list[ApprovalView]:
    """List the links of a campaign with their answers, the newest first; raises `NotFound`."""
    async with unit_of_work(actor) as session:
        await campaigns.get(session, command.campaign_id)
        return [_view(row, utc_now()) for row in await approvals.list_of(session, command.campaign_id)]


@operation("social.revoke_approval", permission=PERMISSION)
async def revoke(actor: Actor, command: ApprovalId) -> ApprovalView:
    """End a link at once; raises `NotFound`."""
    async with unit_of_work(actor) as session:
        return _view(await approvals.revoke(session, actor, command.approval_id, now=utc_now()), utc_now())


@public_operation("social.read_folder")
async def read_folder(visitor: Visitor, command: ReadFolder) -> FolderView:
    """Give a client what their link leads to; raises `LinkInvalid`, or `LimitReached` for a flood."""
    link = _admit(visitor, command)
    async with unit_of_work(visiting.stranger_in(link.tenant_id, visitor)) as session:
        return await _folder_view(session, await approvals.open_folder(session, link.approval_id, now=utc_now()))


@public_operation("social.decide")
async def decide(visitor: Visitor, command: Decide) -> FolderView:
    """Write down a client's answer; raises what `approvals.decide` raises, or `LimitReached`."""
    link = _admit(visitor, command)
    await visiting.reserve(throttle.APPROVAL, account=str(link.approval_id), address=visitor.address)
    actor = visiting.stranger_in(link.tenant_id, visitor)
    async with unit_of_work(actor) as session:
        folder = await approvals.decide(
            session,
            actor,
            link.approval_id,
            command.decision,
            comment=command.comment,
            digest=command.digest,
            now=utc_now(),
        )
        return await _folder_view(session, folder)


def link_to(row: SocialApproval) -> str:
    """Give the address that the client is sent."""
    held = resources()
    return f"{held.settings.public_origin}{PATH}/{approvals.token_of(held.peppers['approval'], row)}"


def _admit(visitor: Visitor, command: ReadFolder) -> Link:
    if not _READERS.admit(address_bucket(visitor.address)):
        raise LimitReached("Too many pages at once; please wait a moment", resets_in_seconds=1)
    return approvals.parse(resources().peppers["approval"], command.token, now=utc_now())


async def _folder_view(session: AsyncSession, folder: Folder) -> FolderView:
    row = folder.approval
    tenant = await records.get_tenant(session, row.tenant_id)
    if tenant.status != "active":
        raise LinkInvalid
    named = await accounts.by_id(session, {post.account_id for post in folder.posts})
    return FolderView(
        company=tenant.name,
        client_name=row.client_name,
        campaign=folder.campaign.name,
        timezone=tenant.timezone,
        posts=[_post_view(post, named[post.account_id], tenant.timezone) for post in folder.posts],
        digest=folder.digest,
        can_answer=row.decision is None and folder.campaign.state == "waiting",
        decision=row.decision,
        comment=row.comment,
        expires_at=row.expires_at,
    )


def _post_view(post: SocialPost, account: SocialAccount, timezone: str) -> FolderPostView:
    return FolderPostView(
        network=next(rules.name for key, rules in NETWORKS.items() if key == account.network),
        handle=account.handle,
        local_time=social_views.local_time(post.scheduled_at, zone(timezone)),
        title=post.title,
        text=hashtags.join(post.text, post.hashtags),
        media_url=post.media_url,
    )


def _view(row: SocialApproval, now: datetime) -> ApprovalView:
    return ApprovalView(
        id=row.id,
        campaign_id=row.campaign_id,
        client_name=row.client_name,
        client_email=row.client_email,
        mailed_at=row.mailed_at,
        mail_failure=row.mail_failure,
        state=_state(row, now),
        comment=row.comment,
        url=link_to(row) if row.is_open(now) else None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
    )


def _state(row: SocialApproval, now: datetime) -> Literal["open", "approved", "changes", "revoked", "expired"]:
    if row.decision is not None:
        return "approved" if row.decision == "approved" else "changes"
    if row.revoked_at is not None:
        return "revoked"
    return "open" if row.is_open(now) else "expired"
