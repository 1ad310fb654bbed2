"""What the clock begins about agents: proposals that expire, runs that no job stands for any more, and old ones."""

from __future__ import annotations

from datetime import datetime

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.agents import proposals, runs, turns


async def tidy(actor: Actor, now: datetime) -> None:
    """End what is over, have runs taken up whose job has got lost, and delete what is half a year old."""
    async with unit_of_work(actor) as session:
        await proposals.tidy(session, actor, now=now)
    async with unit_of_work(actor) as session:
        await turns.recover(session, actor, now=now)
    async with unit_of_work(actor) as session:
        await runs.forget(session, now=now)
