"""The order of the locks: nobody who holds a member waits for the tenant's projection."""

from __future__ import annotations

import asyncio

from bizosaas_app.services.gamification import people_locks, projector
from tests.support.boards import MIA, Arena


async def test_a_rebuild_and_whoever_holds_a_member_do_not_wait_for_each_other(arena: Arena) -> None:
    actor, database = arena.world.system(), arena.world.resources.database
    has_member, is_rebuilding = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with database.unit_of_work(actor) as session:
            await people_locks.hold(session, actor.tenant_id, [arena.person(MIA)])
            has_member.set()
            await is_rebuilding.wait()
            await projector.lock_shared(session, actor.tenant_id)

    async def rebuild() -> None:
        await has_member.wait()
        async with database.unit_of_work(actor) as session:
            is_rebuilding.set()
            await projector.lock_alone(session, actor.tenant_id)
            await people_locks.hold(session, actor.tenant_id, [arena.person(MIA)])

    async with asyncio.timeout(20):
        await asyncio.gather(work(), rebuild())
