"""Posts: reading them, changing one that has not gone out, and trying a failed one again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, InputInvalid
from bizosaas_app.services import audit, desk_news
from bizosaas_app.services.social import accounts, approvals, lifecycle, queueing, wishes
from bizosaas_app.services.social.wishes import NewPost, Wish
from models import SocialCampaign, SocialPost

_CHANGEABLE: Final = ("pending", "failed")


class PostSent(Conflict):
    """It has gone out, or is on its way."""

    code = "post_sent"
    title = "This post cannot be changed any more"


class PostUnclear(Conflict):
    """It may stand on its network with the words of before: other ones would be taken for published."""

    code = "post_unclear"
    title = "This post may stand on its network already, so its words stay; look there, then try it again as it is"


class PostApproved(Conflict):
    """A client has said yes to these very words."""

    code = "post_approved"
    title = "The client has approved this post as it is; ask for approval again, then change it"


class NotFailed(Conflict):
    """Only a failed post is tried again."""

    code = "post_not_failed"
    title = "This post has not failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewording:
    """A post's new words and time; all of them."""

    text: str
    hashtags: list[str]
    title: str | None
    media_url: str | None
    scheduled_at: datetime


async def list_of(session: AsyncSession, campaign_id: UUID) -> list[SocialPost]:
    """List the posts of a campaign in their order."""
    query = select(SocialPost).where(SocialPost.campaign_id == campaign_id).order_by(col(SocialPost.position))
    return list((await session.exec(query)).all())


async def change(session: AsyncSession, actor: Actor, post_id: UUID, wanted: Rewording, *, now: datetime) -> SocialPost:
    """Change a post that has not gone out; a failed one stays failed until it is tried again.

    Raises `NotFound`, `PostSent`, `PostUnclear`, `PostApproved`, `InputInvalid`, or `WrongState` for a cancelled
    campaign.
    """
    campaign, post = await lifecycle.hold_post(session, post_id)
    if campaign.state == "cancelled":
        raise lifecycle.WrongState("The campaign was cancelled")
    if post.state not in _CHANGEABLE:
        raise PostSent
    if post.unclear_since is not None:
        raise PostUnclear
    if campaign.state in ("running", "paused") and await approvals.is_approved(session, campaign.id):
        raise PostApproved
    words = wishes.words_of(await _checked(session, campaign, post, wanted, now))
    post.text, post.title, post.media_url, post.hashtags = words.text, words.title, words.media_url, list(words.tags)
    post.scheduled_at = post.next_at = wanted.scheduled_at
    post.updated_at = now
    await session.flush()
    if post.state == "pending" and campaign.state == "running":
        await queueing.enqueue_all(session, actor, [post])
    await audit.record(session, actor, action="social.post_changed", subject=f"social_post:{post.id}")
    await desk_news.tell(session, actor, campaign.id)
    return post


async def retry(session: AsyncSession, actor: Actor, post_id: UUID, *, now: datetime) -> SocialPost:
    """Try a failed post again, now; its campaign runs again if it had ended with it.

    Raises `NotFound`, `NotFailed`, or `WrongState` for a campaign that is cancelled.
    """
    campaign, post = await lifecycle.hold_post(session, post_id)
    if post.state != "failed":
        raise NotFailed
    if campaign.state == "cancelled":
        raise lifecycle.WrongState("The campaign was cancelled")
    if campaign.state == "done":
        campaign.state, campaign.ended_at, campaign.updated_at = "running", None, now
    post.state, post.attempts, post.failure, post.next_at, post.updated_at = "pending", 0, None, now, now
    post.unclear_since = None  # somebody has looked
    await session.flush()
    if campaign.state == "running":
        await queueing.enqueue_all(session, actor, [post])
    await audit.record(session, actor, action="social.post_retried", subject=f"social_post:{post.id}")
    await desk_news.tell(session, actor, campaign.id)
    return post


async def _checked(
    session: AsyncSession, campaign: SocialCampaign, post: SocialPost, wanted: Rewording, now: datetime
) -> NewPost:
    """Give the post as wished for; raises `InputInvalid` for its fields."""
    new = NewPost(
        account_id=post.account_id,
        scheduled_at=wanted.scheduled_at,
        text=wanted.text,
        hashtags=wanted.hashtags,
        title=wanted.title,
        media_url=wanted.media_url,
    )
    known = await accounts.by_id(session, [post.account_id])
    (seen,) = wishes.look(Wish(name=campaign.name, posts=[new]), known, now=now)
    wrong = dict(seen.problems)
    for other in await list_of(session, campaign.id):
        is_beside = other.account_id == post.account_id and other.id != post.id and other.state == "pending"
        if is_beside and abs(other.scheduled_at - new.scheduled_at) < timedelta(minutes=campaign.gap_minutes):
            wrong["scheduled_at"] = f"Less than {campaign.gap_minutes} minutes from post {other.position}"
    if wrong:
        raise InputInvalid(wrong)
    return new


async def list_waiting(session: AsyncSession, *, until: datetime, limit: int) -> list[datetime]:
    """Give the times of the posts that are still to go out, up to a moment, the next one first."""
    query = (
        select(SocialPost.scheduled_at)
        .where(SocialPost.state == "pending", col(SocialPost.scheduled_at) <= until)
        .order_by(col(SocialPost.scheduled_at))
        .limit(limit)
    )
    return list((await session.exec(query)).all())
