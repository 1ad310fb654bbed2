"""Queueing: a job for each post, at the time when it is due; and a round that finds what no job looks after."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.jobs.attempts import Attempts
from models import SocialCampaign, SocialPost

TASK: Final = "social.publish"
ATTEMPTS: Final = Attempts(tries=6, lease=timedelta(minutes=3), first_wait=timedelta(seconds=30))
"""Within a quarter of an hour: a post that comes hours late is worse than one that a person looks after.

No publishing takes as long as the lease, see `ends/calls.py`.
"""
_AT_ONCE: Final = 200


async def enqueue_all(session: AsyncSession, actor: Actor, posts: Iterable[SocialPost]) -> None:
    """Have each post published at its `next_at`."""
    for post in posts:
        # The time is part of the name: a post that is moved to an earlier one must not wait for its old job.
        once = f"social/{post.id}/{post.next_at.timestamp():.0f}"
        await queue.enqueue(session, actor, TASK, {"post_id": str(post.id)}, at=post.next_at, once=once)


async def enqueue_overdue(session: AsyncSession, actor: Actor, *, now: datetime) -> int:
    """Have every post published that is due and that nobody works on; gives how many those are."""
    due = and_(SocialPost.state == "pending", SocialPost.next_at <= now, SocialCampaign.state == "running")
    left = and_(SocialPost.state == "running", col(SocialPost.claimed_at) < ATTEMPTS.dead_before(now))
    query = (
        select(SocialPost.id)
        .join(SocialCampaign, col(SocialCampaign.id) == SocialPost.campaign_id)
        .where(or_(due, left))
        .order_by(col(SocialPost.next_at))
        .limit(_AT_ONCE)
    )
    found: list[UUID] = list((await session.exec(query)).all())
    for post_id in found:
        await queue.enqueue(session, actor, TASK, {"post_id": str(post_id)}, once=f"social/{post_id}/overdue")
    return len(found)
