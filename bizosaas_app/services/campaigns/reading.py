"""Reading: campaigns with how far they are, and their single messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import SQLColumnExpression
from sqlalchemy import select as select_any
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services import sheets
from models import Campaign, CampaignChannel, CampaignSend, Member
from models.campaigns import SEND_STATUSES

ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "created_at": col(Campaign.created_at),
    "starts_at": col(Campaign.starts_at),
    "name": func.lower(col(Campaign.name)),
    "status": col(Campaign.status),
}
"""What the list of campaigns can be sorted by."""
SEND_ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "due_at": col(CampaignSend.due_at),
    "status": col(CampaignSend.status),
    "name": func.lower(col(Member.name)),
}
"""What the list of messages can be sorted by."""
_SEND_COLUMNS: Final[tuple[Any, ...]] = (CampaignSend, CampaignChannel.kind, Member.name, Member.email)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many messages of a campaign are in which state, and when the next one is due."""

    counts: Mapping[str, int]
    clicked: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """A campaign with its channels and how far it is."""

    campaign: Campaign
    channels: Sequence[CampaignChannel]
    progress: Progress


@dataclass(frozen=True, slots=True)
class FoundSend:
    """A message with who gets it and through which kind of channel."""

    send: CampaignSend
    kind: str
    name: str
    email: str


async def get(session: AsyncSession, campaign_id: UUID) -> Found:
    """Give a campaign; raises `NotFound`."""
    campaign = (await session.exec(select(Campaign).where(Campaign.id == campaign_id))).one_or_none()
    if campaign is None:
        raise NotFound
    return (await _complete(session, [campaign]))[0]


async def read_sheet(
    session: AsyncSession, words: str, statuses: Sequence[str], asked: sheets.Asked
) -> sheets.Sheet[Found]:
    """Give a page of the campaigns; raises `InputInvalid` for an unknown `sort`."""
    query = select(Campaign)
    if words:
        query = query.where(sheets.containing(words, col(Campaign.name), col(Campaign.goal)))
    if statuses:
        query = query.where(col(Campaign.status).in_(statuses))
    sheet = await sheets.read(session, query, asked, orders=ORDERS, row_id=col(Campaign.id))
    return sheets.Sheet(await _complete(session, sheet.rows), sheet.next_place, sheet.total)


async def read_sends(
    session: AsyncSession, campaign_id: UUID, words: str, statuses: Sequence[str], asked: sheets.Asked
) -> sheets.Sheet[FoundSend]:
    """Give a page of a campaign's messages; raises `NotFound`, or `InputInvalid` for an unknown `sort`."""
    await get(session, campaign_id)
    query = (
        select_any(*_SEND_COLUMNS)
        .join(CampaignChannel, col(CampaignChannel.id) == CampaignSend.channel_id)
        .join(Member, col(Member.id) == CampaignSend.user_id)
        .where(col(CampaignSend.campaign_id) == campaign_id)
    )
    if words:
        query = query.where(sheets.containing(words, col(Member.name), col(Member.email)))
    if statuses:
        query = query.where(col(CampaignSend.status).in_(statuses))
    sheet = await sheets.read_rows(session, query, asked, orders=SEND_ORDERS, row_id=col(CampaignSend.id))
    return sheets.Sheet([FoundSend(*row[: len(_SEND_COLUMNS)]) for row in sheet.rows], sheet.next_place, sheet.total)


async def _complete(session: AsyncSession, campaigns: Sequence[Campaign]) -> list[Found]:
    """Give the campaigns with their channels and progress, with one question each for all of them."""
    ids = [campaign.id for campaign in campaigns]
    channels: dict[UUID, list[CampaignChannel]] = {}
    order = (col(CampaignChannel.campaign_id), col(CampaignChannel.id))
    query = select(CampaignChannel).where(col(CampaignChannel.campaign_id).in_(ids)).order_by(*order)
    for channel in (await session.exec(query)).all():
        channels.setdefault(channel.campaign_id, []).append(channel)
    progress = await _find_progress(session, ids)
    return [Found(item, channels.get(item.id, []), progress.get(item.id, _NOTHING)) for item in campaigns]


_NOTHING: Final = Progress(dict.fromkeys(SEND_STATUSES, 0), 0, None)


async def _find_progress(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Progress]:
    query = (
        select_any(
            col(CampaignSend.campaign_id),
            col(CampaignSend.status),
            func.count(),
            func.count(col(CampaignSend.clicked_at)),
            func.min(col(CampaignSend.due_at)),
        )
        .where(col(CampaignSend.campaign_id).in_(ids))
        .group_by(col(CampaignSend.campaign_id), col(CampaignSend.status))
    )
    found: dict[UUID, Progress] = {}
    for campaign_id, status, number, clicked, first in (await session.execute(query)).all():
        before = found.get(campaign_id, _NOTHING)
        next_at = first if status == "pending" else before.next_at
        found[campaign_id] = Progress({**before.counts, status: number}, before.clicked + clicked, next_at)
    return found
