"""How leaderboards follow the ledger: new facts are added to the entries, undone ones make them counted anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification import boards, projector
from bizosaas_app.services.gamification.entries import Place
from bizosaas_app.services.gamification.facts import LedgerFact


async def follow(
    session: AsyncSession,
    tenant_id: UUID,
    added: Sequence[LedgerFact],
    undone: Sequence[LedgerFact],
    now: datetime,
) -> set[Place]:
    """Bring the entries of every board into step; give those that moved."""
    active = await boards.list_boards(session)
    moved = await projector.project(session, tenant_id, active, added, now)
    return moved | await projector.project_again(session, tenant_id, active, undone, now)
