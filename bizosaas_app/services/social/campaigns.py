"""Campaigns: launching one, once, and finding those there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import SQLColumnExpression
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid, NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import audit, sheets
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.ledger import NewEvent
from bizosaas_app.services.social import accounts, approvals, queueing, wishes
from bizosaas_app.services.social.wishes import Seen, Wish
from models import SocialCampaign, SocialPost

LAUNCHED: Final = "social.launched"

ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "launched_at": col(SocialCampaign.launched_at),
    "name": func.lower(col(SocialCampaign.name)),
    "state": col(SocialCampaign.state),
}
"""What the list can be sorted by."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which campaigns: whose name has the words in it, in a state; all if nothing is named."""

    words: str = ""
    state: str | None = None


async def dry_run(session: AsyncSession, wish: Wish, *, now: datetime) -> list[Seen]:
    """Show what would go out, when and on which account, with what is wrong; writes nothing."""
    known = await accounts.by_id(session, {post.account_id for post in wish.posts})
    return wishes.look(wish, known, now=now)


async def launch(session: AsyncSession, actor: Actor, wish: Wish, *, draft_id: UUID, now: datetime) -> SocialCampaign:
    """Write the campaign of a draft with its posts and have them published in time; again it gives the same one.

    One that a client has to approve waits for that. Raises `InputInvalid` with a message for each field, or
    `LimitReached` as `approvals.request` does.
    """
    found = await find_of_draft(session, draft_id)
    if found is not None:
        return found
    wrong = wishes.problems(wish, await dry_run(session, wish, now=now))
    if wrong:
        raise InputInvalid(wrong)
    campaign = await _write_campaign(session, actor, wish, draft_id, now)
    if campaign is None:
        return await get_of_draft(session, draft_id)
    posts = await _write_posts(session, actor, campaign, wish, now)
    if wish.client_name is not None:
        await approvals.request(
            session,
            actor,
            campaign.id,
            client_name=wish.client_name,
            client_email=wish.client_email,
            days=wish.approval_days,
            now=now,
        )
    else:
        await queueing.enqueue_all(session, actor, posts)
    await _tell(session, actor, campaign, len(posts), now)
    return campaign


async def find_of_draft(session: AsyncSession, draft_id: UUID) -> SocialCampaign | None:
    """Find the campaign that a draft has become."""
    return (await session.exec(select(SocialCampaign).where(SocialCampaign.draft_id == draft_id))).one_or_none()


async def get_of_draft(session: AsyncSession, draft_id: UUID) -> SocialCampaign:
    """Give the campaign of a draft; raises `NotFound`."""
    found = await find_of_draft(session, draft_id)
    if found is None:
        raise NotFound("There is no such campaign")
    return found


async def get(session: AsyncSession, campaign_id: UUID) -> SocialCampaign:
    """Give a campaign; raises `NotFound`."""
    row = (await session.exec(select(SocialCampaign).where(SocialCampaign.id == campaign_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such campaign")
    return row


async def read_sheet(session: AsyncSession, wanted: Wanted, asked: sheets.Asked) -> sheets.Sheet[SocialCampaign]:
    """Give a page of the campaigns; raises `InputInvalid` for an unknown `sort`."""
    query = select(SocialCampaign)
    if wanted.words:
        query = query.where(sheets.containing(wanted.words, col(SocialCampaign.name)))
    if wanted.state is not None:
        query = query.where(SocialCampaign.state == wanted.state)
    return await sheets.read(session, query, asked, orders=ORDERS, row_id=col(SocialCampaign.id))


async def count_posts(session: AsyncSession, campaign_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Count the posts of campaigns by their state."""
    query = (
        select(SocialPost.campaign_id, SocialPost.state, func.count())
        .where(col(SocialPost.campaign_id).in_(campaign_ids))
        .group_by(col(SocialPost.campaign_id), col(SocialPost.state))
    )
    counts: dict[UUID, dict[str, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    for campaign_id, state, number in await session.exec(query):
        counts[campaign_id][state] = number
    return counts


async def _write_campaign(
    session: AsyncSession, actor: Actor, wish: Wish, draft_id: UUID, now: datetime
) -> SocialCampaign | None:
    """Write the row; None when somebody else has launched this draft meanwhile."""
    statement = (
        insert(SocialCampaign)
        .values(
            tenant_id=actor.tenant_id,
            id=new_id(),
            draft_id=draft_id,
            name=wish.name,
            goal=wish.goal,
            state="running",
            gap_minutes=int(wish.gap.total_seconds() // 60),
            created_by=actor.user_id,
            launched_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "draft_id"])
        .returning(col(SocialCampaign.id))
    )
    campaign_id = (await session.execute(statement)).scalar_one_or_none()
    return None if campaign_id is None else await get(session, campaign_id)


async def _write_posts(
    session: AsyncSession, actor: Actor, campaign: SocialCampaign, wish: Wish, now: datetime
) -> list[SocialPost]:
    rows = []
    for position, post in enumerate(wish.posts, start=1):
        words = wishes.words_of(post)
        row = SocialPost(
            tenant_id=actor.tenant_id,
            campaign_id=campaign.id,
            account_id=post.account_id,
            position=position,
            text=words.text,
            title=words.title,
            media_url=words.media_url,
            hashtags=list(words.tags),
            scheduled_at=post.scheduled_at,
            next_at=post.scheduled_at,
            updated_at=now,
        )
        rows.append(row)
    session.add_all(rows)
    await session.flush()
    return rows


async def _tell(session: AsyncSession, actor: Actor, campaign: SocialCampaign, posts: int, now: datetime) -> None:
    """Write the launch into the audit log and the ledger, under an id that its repetition has too."""
    await audit.record(
        session, actor, action=LAUNCHED, subject=f"social_campaign:{campaign.id}", detail={"posts": posts}
    )
    event = NewEvent(
        event_id=uuid5(campaign.draft_id, LAUNCHED),
        type=LAUNCHED,
        user_id=actor.user_id,
        value=Decimal(1),
        properties={"campaign_id": str(campaign.id), "posts": posts},
        occurred_at=now,
    )
    await ledger.append(session, actor, [event], now=now, source="service")
