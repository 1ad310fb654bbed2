"""The command `rebuild`: every derived score and count of every tenant, dropped and derived from the ledger again."""

from __future__ import annotations

from sqlalchemy import text

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.analytics import rollups
from bizosaas_app.services.gamification import boards
from bizosaas_app.services.gamification.achievements import deriving


async def every_tenant() -> int:
    """Rebuild achievements and boards of every tenant, each in one transaction; give how many boards there are."""
    async with resources().database.doors() as session:
        tenants = [row[0] for row in await session.execute(text("select id from app.list_tenants()"))]
    count = 0
    for tenant_id in tenants:
        actor = Actor.system(tenant_id)
        async with unit_of_work(actor) as session:
            await rollups.rebuild(session, actor)
            await deriving.rebuild(session, actor, now=utc_now())
            count += len(await boards.rebuild_all(session, actor, now=utc_now()))
    return count
