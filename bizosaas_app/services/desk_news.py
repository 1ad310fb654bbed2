"""News of the desks: what tells open pages that something was steered, or failed, or that a client has answered."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import outbox

TOPIC: Final = "desks"
"""Outbox topic; the key is the id of the campaign or of the sourcing."""


async def tell(session: AsyncSession, actor: Actor, subject_id: UUID) -> None:
    """Tell whoever watches, once the transaction commits."""
    await outbox.enqueue(session, actor, TOPIC, str(subject_id), {"subject_id": str(subject_id)})
