"""Steering: a campaign is paused, resumed and cancelled, and a failed message is sent once more."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.services import audit, desk_news
from bizosaas_app.services.campaigns import planning
from bizosaas_app.services.campaigns.launching import TASK
from bizosaas_app.services.campaigns.schedules import Schedule
from bizosaas_app.services.jobs import queue
from models import Campaign, CampaignSend

_CANCELLED: Final = "The campaign was cancelled"


class CampaignOver(Conflict):
    """A campaign that was cancelled, or has sent all it had, cannot be steered any more."""

    code = "campaign_over"
    title = "This campaign is over"


class SendNotFailed(Conflict):
    """Only what has failed is sent once more: anything else could arrive twice."""

    code = "send_not_failed"
    title = "This message has not failed"


async def pause(session: AsyncSession, actor: Actor, campaign_id: UUID, *, now: datetime) -> None:
    """Send nothing more of the campaign until it is resumed; a second time changes nothing."""
    campaign = await _hold(session, campaign_id)
    if campaign.status != "paused":
        await _move(session, actor, campaign, "paused", now)


async def resume(session: AsyncSession, actor: Actor, campaign_id: UUID, *, now: datetime) -> None:
    """Go on where the campaign was paused: what fell due meanwhile goes at the next allowed hour."""
    campaign = await _hold(session, campaign_id)
    if campaign.status != "active":
        await _move(session, actor, campaign, "active", now)
        await queue.enqueue(session, actor, TASK, once=TASK)


async def cancel(session: AsyncSession, actor: Actor, campaign_id: UUID, *, now: datetime) -> int:
    """End the campaign for good: what is not out yet never goes. Give how many messages that were."""
    campaign = await _hold(session, campaign_id)
    waiting = (col(CampaignSend.campaign_id) == campaign_id, col(CampaignSend.status) == "pending")
    values = {"status": "cancelled", "reason": "cancelled", "detail": _CANCELLED}
    stopped = (await session.exec(update(CampaignSend).where(*waiting).values(values))).rowcount
    campaign.ended_at = now
    await _move(session, actor, campaign, "cancelled", now, sends=stopped)
    return stopped


async def retry(session: AsyncSession, actor: Actor, campaign_id: UUID, send_id: UUID, *, now: datetime) -> None:
    """Send a failed message once more, at the next allowed hour; it brings a completed campaign back.

    Raises `NotFound`, `SendNotFailed`, or `CampaignOver` for a cancelled campaign and for one that has no hour left.
    """
    campaign = await _lock(session, campaign_id)
    if campaign.status == "cancelled":
        raise CampaignOver
    opening = Schedule.of(campaign.schedule).next_allowed(now)
    if opening is None or opening >= campaign.ends_at:
        raise CampaignOver(planning.REASONS["no_time_left"])
    mine = (CampaignSend.campaign_id == campaign_id, CampaignSend.id == send_id)
    send = (await session.exec(select(CampaignSend).where(*mine).with_for_update())).one_or_none()
    if send is None:
        raise NotFound
    if send.status != "failed":
        raise SendNotFailed
    send.status, send.due_at = "pending", now
    if campaign.status == "completed":
        campaign.status, campaign.ended_at, campaign.updated_at = "active", None, now
    await session.flush()
    await audit.record(
        session,
        actor,
        action="campaigns.send_retried",
        subject=f"campaign:{campaign_id}",
        detail={"send": str(send_id)},
    )
    await queue.enqueue(session, actor, TASK, once=TASK)


async def _lock(session: AsyncSession, campaign_id: UUID) -> Campaign:
    query = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    campaign = (await session.exec(query)).one_or_none()
    if campaign is None:
        raise NotFound
    return campaign


async def _hold(session: AsyncSession, campaign_id: UUID) -> Campaign:
    """Lock the campaign, which waits for claims of its messages; raises `NotFound` or `CampaignOver`."""
    campaign = await _lock(session, campaign_id)
    if campaign.has_ended:
        raise CampaignOver
    return campaign


async def _move(
    session: AsyncSession, actor: Actor, campaign: Campaign, status: str, now: datetime, **detail: int
) -> None:
    act = {"paused": "campaigns.paused", "active": "campaigns.resumed", "cancelled": "campaigns.cancelled"}[status]
    campaign.status, campaign.updated_at = status, now
    session.add(campaign)
    await session.flush()
    await audit.record(session, actor, action=act, subject=f"campaign:{campaign.id}", detail=detail)
    await desk_news.tell(session, actor, campaign.id)
