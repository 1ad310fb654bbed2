"""Live progress: what moves a member's achievements reaches their open page, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

from sqlalchemy.event import listen, remove

from bizosaas_app.gateway import achievement_watching
from bizosaas_app.gateway.achievement_watching import LOOK_SECONDS
from bizosaas_app.gateway.live import LiveHub
from bizosaas_app.kernel import tasks
from bizosaas_app.kernel.actor import Actor
from tests.support.awards import Hall, count, hall
from tests.support.boards import MIA, NOAH, arena, running_relay, until
from tests.support.followers import hub, record

__all__ = ["arena", "hall", "hub", "running_relay"]


@asynccontextmanager
async def watching(actor: Actor) -> AsyncIterator[list[None]]:
    told: list[None] = []

    async def watch() -> None:
        async for _ in achievement_watching.watch_progress(actor):
            told.append(None)

    task = asyncio.create_task(watch())
    await until(lambda: bool(told) or task.done())
    yield told
    await tasks.end(task)


async def test_ones_own_progress_is_told_and_that_of_others_is_not(hall: Hall, hub: LiveHub) -> None:
    await hall.define("ten", count(threshold=10))
    await record(hall.arena, MIA, 1)
    async with watching(await hall.arena.world.actor(MIA)) as mia, watching(await hall.arena.world.actor(NOAH)) as noah:
        await record(hall.arena, MIA, 1)
        await until(lambda: len(mia) > 1)
        seen = len(mia)
        await record(hall.arena, MIA, 1)
        await until(lambda: len(mia) > seen)
        assert len(noah) == 1


async def test_a_flood_of_others_events_is_looked_at_once_a_second_and_a_quiet_page_at_once(
    hall: Hall, hub: LiveHub
) -> None:
    await hall.define("ten", count(threshold=10))
    engine, looks = hall.arena.world.resources.database.engine.sync_engine, list[float]()
    clock = asyncio.get_running_loop().time

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "max(achievement_counters.updated_at)" in statement:
            looks.append(clock())

    listen(engine, "before_cursor_execute", note)
    try:
        async with watching(await hall.arena.world.actor(MIA)) as mia:
            begin = clock()
            while clock() < begin + 2.5:
                await record(hall.arena, NOAH, 1)
                await asyncio.sleep(0.1)
            assert min(later - sooner for sooner, later in pairwise(looks)) >= LOOK_SECONDS
            assert len(mia) == 1
            await asyncio.sleep(1.5)
            told_at = clock()
            await record(hall.arena, MIA, 1)
            await until(lambda: len(mia) > 1)
            assert looks[-1] < told_at + LOOK_SECONDS
    finally:
        remove(engine, "before_cursor_execute", note)


async def test_an_unlock_is_told(hall: Hall, hub: LiveHub) -> None:
    await record(hall.arena, MIA, 1)
    async with watching(await hall.arena.world.actor(MIA)) as mia:
        await hall.define("one", count(threshold=1))
        await until(lambda: len(mia) > 1)
        assert await hall.state(MIA, "one") == "unlocked"
