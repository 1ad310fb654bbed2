"""The run that awards a new definition to everybody who has earned it already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.achievements import deriving


async def award(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Award part after part, each in a transaction of its own; after a restart from where the run is."""
    run_id = UUID(arguments["run_id"])
    chosen = {UUID(text) for text in arguments["achievement_ids"]}
    is_going_on = True
    while is_going_on:
        async with unit_of_work(actor) as session:
            is_going_on = await deriving.continue_run(session, actor, run_id, chosen, utc_now())
