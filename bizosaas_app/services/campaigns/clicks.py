"""Clicks: where a link of a message leads, and that it was followed, once for each message and address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.campaigns import audiences, contents, letters, links, results
from bizosaas_app.services.campaigns.links import Link
from models import Campaign, CampaignChannel, CampaignSend, Tenant


@dataclass(frozen=True, slots=True)
class _Clicked:
    send: CampaignSend
    campaign: Campaign
    text: str


async def follow(session: AsyncSession, actor: Actor, link: Link, *, may_write: bool, now: datetime) -> str | None:
    """Give where the link leads, None when nowhere; unless it only looks, record that it was followed."""
    clicked = await _find(session, link)
    person = await audiences.find_person(session, clicked.send.user_id) if clicked is not None else None
    if clicked is None or person is None:
        return None
    tenant = (await session.exec(select(Tenant).where(Tenant.id == actor.tenant_id))).one()
    words = letters.words_of(person, organisation=tenant.name, campaign=clicked.campaign.name)
    address = links.find_address(clicked.text, link.place, words)
    if address is not None and may_write and clicked.send.sent_at is not None:
        await _record(session, actor, clicked.send, link.place, now)
    return address


async def _find(session: AsyncSession, link: Link) -> _Clicked | None:
    query = (
        select(CampaignSend, Campaign, CampaignChannel)
        .join(Campaign, col(Campaign.id) == CampaignSend.campaign_id)
        .join(CampaignChannel, col(CampaignChannel.id) == CampaignSend.channel_id)
        .where(CampaignSend.id == link.send_id)
    )
    found = (await session.exec(query)).one_or_none()
    return _Clicked(found[0], found[1], contents.of(found[2].content).text) if found is not None else None


async def _record(session: AsyncSession, actor: Actor, send: CampaignSend, place: int, now: datetime) -> None:
    if send.clicked_at is None:
        send.clicked_at = now
        session.add(send)
        await session.flush()
    await results.record_click(session, actor, send, place, now=now)
