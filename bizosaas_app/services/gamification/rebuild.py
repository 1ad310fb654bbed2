"""Rebuilding: what derives from the ledger, of a tenant or of all of them, counted again or compared."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.analytics import rollups
from bizosaas_app.services.gamification import boards, drift
from bizosaas_app.services.gamification.achievements import deriving
from bizosaas_app.services.gamification.drift import Drift

TASK: Final = "ledger.recount"
"""The job that counts one tenant again, after a change of what its days are."""


async def every_tenant() -> int:
    """Rebuild achievements and boards of every tenant, each in one transaction; give how many boards there are."""
    count = 0
    for actor in await _tenants():
        async with unit_of_work(actor) as session:
            count += await one_tenant(session, actor, now=utc_now())
    return count


async def one_tenant(session: AsyncSession, actor: Actor, *, now: datetime) -> int:
    """Rebuild figures, achievements and boards of the actor's tenant; give how many boards there are."""
    await rollups.rebuild(session, actor)
    await deriving.rebuild(session, actor, now=now)
    return len(await boards.rebuild_all(session, actor, now=now))


async def mend_every_tenant() -> Drift:
    """Compare the boards of every tenant with the ledger, each in one transaction; give what differed."""
    found = Drift()
    for actor in await _tenants():
        async with unit_of_work(actor) as session:
            found += await drift.mend(session, resources().cache, actor, now=utc_now())
    return found


async def _tenants() -> list[Actor]:
    async with resources().database.doors() as session:
        return [Actor.system(row[0]) for row in await session.execute(text("select id from app.list_tenants()"))]
