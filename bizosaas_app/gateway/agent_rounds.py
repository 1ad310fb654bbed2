"""What the clock begins about agents: proposals that expire, and runs that no job stands for any more."""

from __future__ import annotations

from datetime import datetime

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.agents import proposals, turns


async def tidy(actor: Actor, now: datetime) -> None:
    """End what is over, and have runs taken up whose job has got lost."""
    async with unit_of_work(actor) as session:
        await proposals.tidy(session, actor, now=now)
    async with unit_of_work(actor) as session:
        await turns.recover(session, actor, now=now)
