"""News of the desks: what tells open pages that a campaign was steered, or that a client has answered."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import outbox

TOPIC: Final = "desks"
"""Outbox topic; the key is the campaign's id."""


async def tell(session: AsyncSession, actor: Actor, campaign_id: UUID) -> None:
    """Tell whoever watches, once the transaction commits."""
    await outbox.enqueue(session, actor, TOPIC, str(campaign_id), {"campaign_id": str(campaign_id)})
