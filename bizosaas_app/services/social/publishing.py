"""Publishing: a post is claimed, handed to its network outside of any transaction, and what came of it written down.

A claim is committed before anything is sent, so a worker that dies leaves a trace: after its lease another one
tries again with the same key, by which the network knows a repetition. Where a network forgets keys, a try without an
answer that is older is not repeated by itself: a person looks first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final, cast
from uuid import UUID, uuid5

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import desk_news
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.ledger import NewEvent
from bizosaas_app.services.social import hashtags, lifecycle, queueing
from bizosaas_app.services.social.networks import NETWORKS, NetworkKey
from bizosaas_app.services.social.port import NetworkFailed, Outgoing, Postponed, Published, Unclear
from bizosaas_app.services.social.queueing import ATTEMPTS
from bizosaas_app.services.tenants import records
from models import SocialAccount, SocialCampaign, SocialPost

POSTED: Final = "social.posted"
_LONGEST_ASKED: Final = timedelta(hours=6)
_LOOK_FIRST: Final = "It may stand there already: look at the account before you try again."


@dataclass(frozen=True, slots=True)
class Claimed:
    """A post that is ours to publish: `attempt` tells this try from later ones."""

    post: Outgoing
    attempt: int
    network: NetworkKey
    handle: str
    base_url: str
    secret_name: str | None
    is_sandbox: bool


async def claim(session: AsyncSession, post_id: UUID, *, now: datetime) -> Claimed | None:
    """Take a post that is due, or that a dead worker has left; None when there is nothing to do.

    A suspended tenant's posts stay as they are: the sweep finds them once it is active again.
    """
    campaign, post = await lifecycle.hold_post(session, post_id)
    if not await records.is_active(session, post.tenant_id):
        return None
    account = (await session.exec(select(SocialAccount).where(SocialAccount.id == post.account_id))).one()
    network = cast(NetworkKey, account.network)
    if not _is_free(post, campaign, now):
        return None
    if campaign.state != "running":
        await _put_back(session, post, campaign, now)
        return None
    if reason := _why_not(post, network, now):
        await _fail_for_good(session, campaign, post, f"{reason}. {_LOOK_FIRST}", now)
        return None
    is_repeat = post.unclear_since is not None
    post.state, post.claimed_at, post.updated_at = "running", now, now
    post.attempts += 1
    post.unclear_since = post.unclear_since or now
    await session.flush()
    text = hashtags.join(post.text, post.hashtags)
    outgoing = Outgoing(post.id, text, post.scheduled_at, post.title, post.media_url, is_repeat=is_repeat)
    return Claimed(
        outgoing,
        post.attempts,
        network,
        account.handle,
        account.base_url,
        account.secret_name,
        is_sandbox=account.is_sandbox,
    )


async def finish(session: AsyncSession, actor: Actor, claimed: Claimed, published: Published, *, now: datetime) -> None:
    """Write down that the post stands on its network, with its fact for the ledger; a repetition changes nothing."""
    campaign, post = await lifecycle.hold_post(session, claimed.post.key)
    if post.state == "done":
        return
    post.state, post.claimed_at, post.unclear_since, post.failure = "done", None, None, None
    post.remote_id, post.remote_url = published.remote_id, published.url
    post.published_at = post.updated_at = now
    await session.flush()
    await _tell(session, actor, campaign, claimed, now=now)
    await lifecycle.settle(session, campaign, now=now)


async def fail(
    session: AsyncSession, actor: Actor, claimed: Claimed, error: NetworkFailed, *, now: datetime, chance: Random
) -> None:
    """Write down that this try failed: tried again later where that may help, otherwise left to a person.

    In a cancelled campaign nothing is tried again: the post is cancelled too, unless it may stand there.
    """
    campaign, post = await lifecycle.hold_post(session, claimed.post.key)
    if post.state != "running" or post.attempts != claimed.attempt:
        return  # the claim has run out, and somebody else has it
    await desk_news.tell(session, actor, campaign.id)
    if not isinstance(error, Unclear) and not claimed.post.is_repeat:
        post.unclear_since = None
    if not isinstance(error, Postponed) or ATTEMPTS.are_used_up(post.attempts):
        message = error.message if post.unclear_since is None else f"{error.message}. {_LOOK_FIRST}"
        await _fail_for_good(session, campaign, post, message, now)
        return
    if campaign.state == "cancelled":
        await _put_back(session, post, campaign, now)
        return
    wait = _wait_after(post.attempts, error.retry_after_seconds, chance.random())
    post.state, post.claimed_at, post.failure = "pending", None, error.message
    post.next_at, post.updated_at = now + wait, now
    await session.flush()
    await queueing.enqueue_all(session, actor, [post])


def _wait_after(attempt: int, asked_seconds: float | None, chance: float) -> timedelta:
    """Give how long to wait after a failed try (counted from 1): the usual pause, or as long as was asked."""
    asked = min(timedelta(seconds=asked_seconds or 0), _LONGEST_ASKED)
    return max(ATTEMPTS.wait_after(attempt, chance), asked * (1 + chance / 4))


def _is_free(post: SocialPost, campaign: SocialCampaign, now: datetime) -> bool:
    if post.state == "running":
        return post.claimed_at is not None and post.claimed_at < ATTEMPTS.dead_before(now)
    return post.state == "pending" and post.next_at <= now and campaign.state == "running"


async def _put_back(session: AsyncSession, post: SocialPost, campaign: SocialCampaign, now: datetime) -> None:
    """Give up a claim in a campaign that does not run: the post waits, or ends with it, unclear where it may stand."""
    has_ended = campaign.state in lifecycle.ENDED
    if has_ended and post.unclear_since is not None:
        reason = f"The campaign ended while this was on its way. {_LOOK_FIRST}"
        await _fail_for_good(session, campaign, post, reason, now)
        return
    post.state, post.claimed_at, post.updated_at = "cancelled" if has_ended else "pending", None, now
    await session.flush()


def _why_not(post: SocialPost, network: NetworkKey, now: datetime) -> str | None:
    """Say why a post must not be tried by itself: its network would not know a repetition, or it never gets through."""
    rules = NETWORKS[network]
    if rules.remembers is not None and post.unclear_since is not None and now - post.unclear_since > rules.remembers:
        return f"The answer of {rules.name} never came"
    return ATTEMPTS.given_up if ATTEMPTS.are_used_up(post.attempts) else None


async def _fail_for_good(
    session: AsyncSession, campaign: SocialCampaign, post: SocialPost, message: str, now: datetime
) -> None:
    post.state, post.claimed_at, post.failure, post.updated_at = "failed", None, message, now
    await session.flush()
    await lifecycle.settle(session, campaign, now=now)


async def _tell(
    session: AsyncSession, actor: Actor, campaign: SocialCampaign, claimed: Claimed, *, now: datetime
) -> None:
    """Write the fact; what stands on a sandbox nobody has read, so it is marked as nothing to show to others."""
    said = {"campaign_id": str(campaign.id), "post_id": str(claimed.post.key), "network": claimed.network}
    event = NewEvent(
        event_id=uuid5(claimed.post.key, POSTED),
        type=POSTED,
        user_id=campaign.created_by,
        value=Decimal(1),
        properties={**said, "verified": False} if claimed.is_sandbox else said,
        occurred_at=now,
    )
    await ledger.append(session, actor, [event], now=now, source="service")
