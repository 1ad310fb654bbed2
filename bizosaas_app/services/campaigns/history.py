"""History: what each kind of channel was given by finished campaigns, and how many messages arrived through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import select as select_any
from sqlmodel import col, func
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Campaign, CampaignChannel, CampaignSend

_MOST: Final = 200
"""Campaigns of a channel, the latest: what is older tells little of today."""


@dataclass(frozen=True, slots=True)
class Spent:
    """A channel's share of one campaign's budget, and the messages that arrived through it."""

    budget: Decimal
    arrived: int


async def read_channels(session: AsyncSession, kinds: Sequence[str], *, currency: str) -> dict[str, list[Spent]]:
    """Give what the completed campaigns in this currency gave these channels, by kind, the latest at the end.

    A share of nothing is left out: it says nothing of what money brings.
    """
    arrived = func.count(col(CampaignSend.id)).filter(col(CampaignSend.status) == "sent")
    query = (
        select_any(col(CampaignChannel.kind), col(CampaignChannel.budget), arrived)
        .join(Campaign, col(Campaign.id) == col(CampaignChannel.campaign_id))
        .outerjoin(CampaignSend, col(CampaignSend.channel_id) == col(CampaignChannel.id))
        .where(
            col(Campaign.status) == "completed",
            col(Campaign.currency) == currency,
            col(CampaignChannel.budget) > 0,
            col(CampaignChannel.kind).in_(kinds),
        )
        .group_by(
            col(CampaignChannel.id),
            col(CampaignChannel.kind),
            col(CampaignChannel.budget),
            col(Campaign.starts_at),
            col(Campaign.id),
        )
        .order_by(col(Campaign.starts_at), col(Campaign.id))
    )
    found: dict[str, list[Spent]] = {kind: [] for kind in kinds}
    for kind, budget, number in (await session.execute(query)).all():
        found[kind].append(Spent(budget, number))
    return {kind: spent[-_MOST:] for kind, spent in found.items()}
