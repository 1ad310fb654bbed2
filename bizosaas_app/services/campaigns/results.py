"""Results: what became of a campaign's messages, as facts of the ledger under ids that follow from the message.

They belong to the organisation and to no member: whoever is written to has done nothing yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import audit
from bizosaas_app.services.campaigns.contents import Kind
from bizosaas_app.services.gamification import ledger
from models import Campaign, CampaignSend
from models.campaigns import OPEN_SENDS

DELIVERED: Final = "campaign.delivered"
FAILED: Final = "campaign.failed"
CLICKED: Final = "campaign.clicked"
COMPLETED: Final = "campaign.completed"


async def record_delivery(
    session: AsyncSession, actor: Actor, send: CampaignSend, kind: Kind, *, now: datetime
) -> None:
    """Record that the message was handed over; a repetition changes nothing."""
    facts = {"channel": kind}
    await _record(session, actor, _event(send, DELIVERED, DELIVERED, facts, now), now)


async def record_failures(
    session: AsyncSession, actor: Actor, failed: Sequence[tuple[CampaignSend, Kind]], *, now: datetime
) -> None:
    """Record that the messages were given up after this try of each."""
    events = []
    for send, kind in failed:
        facts = {"channel": kind, "reason": send.reason, "attempts": send.attempts}
        events.append(_event(send, FAILED, f"{FAILED}/{send.attempts}", facts, now))
    if events:
        await ledger.append(session, actor, events, now=now, source="service")


async def record_click(session: AsyncSession, actor: Actor, send: CampaignSend, place: int, *, now: datetime) -> None:
    """Record that the address at this place of the message's text was followed; again changes nothing."""
    await _record(session, actor, _event(send, CLICKED, f"{CLICKED}/{place}", {"place": place}, now), now)


def _event(send: CampaignSend, kind: str, name: str, facts: Mapping[str, Any], now: datetime) -> ledger.NewEvent:
    """Give the fact about the message; its id is made of the message's and of `name`."""
    named = {"campaign_id": str(send.campaign_id), "send_id": str(send.id), "recipient_id": str(send.user_id)}
    return ledger.NewEvent(event_id=uuid5(send.id, name), type=kind, properties={**named, **facts}, occurred_at=now)


async def _record(session: AsyncSession, actor: Actor, event: ledger.NewEvent, now: datetime) -> None:
    await ledger.append(session, actor, [event], now=now, source="service")


async def list_finished(session: AsyncSession) -> Sequence[UUID]:
    """List the running campaigns of which nothing is left to send."""
    is_left = exists().where(
        col(CampaignSend.campaign_id) == col(Campaign.id), col(CampaignSend.status).in_(OPEN_SENDS)
    )
    return (await session.exec(select(Campaign.id).where(Campaign.status == "active", ~is_left))).all()


async def complete(session: AsyncSession, actor: Actor, campaign_id: UUID, *, now: datetime) -> bool:
    """End the campaign if nothing of it is left to send, and say whether it was ended now.

    It counts as completed in the ledger if any message has arrived.
    """
    query = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    campaign = (await session.exec(query)).one()
    if campaign.status != "active" or await _has_sends(session, campaign, *OPEN_SENDS):
        return False
    campaign.status, campaign.ended_at, campaign.updated_at = "completed", now, now
    session.add(campaign)
    await session.flush()
    await audit.record(session, actor, action="campaigns.completed", subject=f"campaign:{campaign.id}")
    if await _has_sends(session, campaign, "sent"):
        await _record(session, actor, _completion(campaign, now), now)
    return True


def _completion(campaign: Campaign, now: datetime) -> ledger.NewEvent:
    return ledger.NewEvent(
        event_id=uuid5(campaign.draft_id, COMPLETED),
        type=COMPLETED,
        user_id=campaign.launched_by,
        properties={"campaign_id": str(campaign.id)},
        occurred_at=now,
    )


async def _has_sends(session: AsyncSession, campaign: Campaign, *statuses: str) -> bool:
    mine = (col(CampaignSend.campaign_id) == campaign.id, col(CampaignSend.status).in_(statuses))
    return bool((await session.exec(select(exists().where(*mine)))).one())
