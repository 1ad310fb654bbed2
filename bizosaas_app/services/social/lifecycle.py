"""Lifecycle: a campaign that runs, pauses, goes on and ends; what that means for its posts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.services import audit, desk_news
from bizosaas_app.services.social import queueing
from bizosaas_app.services.social.calendar import keep_apart
from models import SocialCampaign, SocialPost

ENDED: Final = ("done", "cancelled")
_OPEN_POSTS: Final = ("pending", "running")


class WrongState(Conflict):
    """The campaign is in a state from which this cannot be done."""

    code = "campaign_state"
    title = "This campaign is not in a state for that"


async def hold(session: AsyncSession, campaign_id: UUID) -> SocialCampaign:
    """Give a campaign that nobody else changes until the transaction ends; raises `NotFound`."""
    query = select(SocialCampaign).where(SocialCampaign.id == campaign_id).with_for_update()
    row = (await session.exec(query.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFound("There is no such campaign")
    return row


async def hold_post(session: AsyncSession, post_id: UUID) -> tuple[SocialCampaign, SocialPost]:
    """Give a post and its campaign, both held, the campaign first as everywhere; raises `NotFound`."""
    query = select(SocialPost).where(SocialPost.id == post_id).execution_options(populate_existing=True)
    found = (await session.exec(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such post")
    campaign = await hold(session, found.campaign_id)
    return campaign, (await session.exec(query.with_for_update())).one()


async def pause(session: AsyncSession, actor: Actor, campaign_id: UUID, *, now: datetime) -> SocialCampaign:
    """Stop publishing; a post that is on its way still arrives. Raises `WrongState` unless it runs."""
    row = await _move(session, actor, campaign_id, {"running"}, "paused", now=now)
    await audit.record(session, actor, action="social.paused", subject=f"social_campaign:{row.id}")
    return row


async def resume(session: AsyncSession, actor: Actor, campaign_id: UUID, *, now: datetime) -> SocialCampaign:
    """Go on: posts whose time has passed go out from now on, at the campaign's distance. Raises `WrongState`."""
    row = await _move(session, actor, campaign_id, {"paused"}, "running", now=now)
    await begin(session, actor, row, now=now)
    await audit.record(session, actor, action="social.resumed", subject=f"social_campaign:{row.id}")
    return row


async def cancel(session: AsyncSession, actor: Actor, campaign_id: UUID, *, now: datetime) -> SocialCampaign:
    """End it: what has not gone out never does. Raises `WrongState` for one that has ended."""
    row = await _move(
        session, actor, campaign_id, {"running", "paused", "waiting", "changes_asked"}, "cancelled", now=now
    )
    await session.execute(
        update(SocialPost)
        .where(col(SocialPost.campaign_id) == row.id, col(SocialPost.state) == "pending")
        .values(state="cancelled", updated_at=now)
    )
    await audit.record(session, actor, action="social.cancelled", subject=f"social_campaign:{row.id}")
    return row


async def begin(session: AsyncSession, actor: Actor, campaign: SocialCampaign, *, now: datetime) -> None:
    """Have the waiting posts of a running campaign published, none before now, and each account's kept apart."""
    query = (
        select(SocialPost)
        .where(SocialPost.campaign_id == campaign.id, SocialPost.state == "pending")
        .order_by(col(SocialPost.account_id), col(SocialPost.next_at), col(SocialPost.position))
        .with_for_update()
    )
    gap = timedelta(minutes=campaign.gap_minutes)
    for _, group in groupby((await session.exec(query)).all(), key=lambda post: post.account_id):
        posts = list(group)
        for post, moment in zip(posts, keep_apart([post.next_at for post in posts], gap, not_before=now), strict=True):
            post.next_at = moment
        await session.flush()
        await queueing.enqueue_all(session, actor, posts)
    await settle(session, campaign, now=now)


async def settle(session: AsyncSession, campaign: SocialCampaign, *, now: datetime) -> None:
    """End a running campaign of which no post waits any more; the campaign is held."""
    still_open = (
        select(func.count())
        .select_from(SocialPost)
        .where(SocialPost.campaign_id == campaign.id, col(SocialPost.state).in_(_OPEN_POSTS))
    )
    if campaign.state == "running" and (await session.exec(still_open)).one() == 0:
        campaign.state, campaign.ended_at, campaign.updated_at = "done", now, now
        await session.flush()


async def _move(
    session: AsyncSession, actor: Actor, campaign_id: UUID, sources: Collection[str], target: str, *, now: datetime
) -> SocialCampaign:
    row = await hold(session, campaign_id)
    if row.state not in sources:
        raise WrongState(f"The campaign is {row.state.replace('_', ' ')}: that cannot be done now")
    row.state, row.updated_at = target, now
    if target == "cancelled":
        row.ended_at = now
    await session.flush()
    await desk_news.tell(session, actor, row.id)
    return row
