"""The run that awards a new definition to everybody who has earned it already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import run_turns
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification.achievements import deriving


async def award(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Award part after part, as many as a turn has time for; a restart or a further job goes on where the run is."""
    chosen = {UUID(text) for text in arguments["achievement_ids"]}

    async def part(session: AsyncSession, run_id: UUID) -> bool:
        return await deriving.continue_run(session, actor, run_id, chosen, utc_now())

    await run_turns.take(actor, deriving.TASK, arguments, part)
