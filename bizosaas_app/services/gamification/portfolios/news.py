"""News: what tells open pages that a showcase has changed, or was seen once more."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import outbox

TOPIC: Final = "portfolios"
"""Outbox topic; the key is the showcase's id."""


async def tell(session: AsyncSession, actor: Actor, portfolio_id: UUID) -> None:
    """Tell whoever watches, once the transaction commits."""
    await outbox.enqueue(session, actor, TOPIC, str(portfolio_id), {"portfolio_id": str(portfolio_id)})
