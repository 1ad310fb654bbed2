"""The names on a board are asked for once, and an answer that has just come holds nobody up."""

from __future__ import annotations

import asyncio

from bizosaas_app.gateway import board_names
from tests.support.boards import MIA, NOAH, Arena, arena

__all__ = ["arena"]


async def test_readers_wait_for_the_answer_that_is_on_its_way(arena: Arena) -> None:
    mia, noah = await arena.world.actor(MIA), await arena.world.actor(NOAH)
    both = {mia.user_id, noah.user_id}
    first, second = await asyncio.gather(*(board_names.names_of(mia.tenant_id, both) for _ in range(2)))
    assert {person.name for person in first.values()} == {"Mia", "Noah"}
    assert first == second


async def test_whoever_comes_in_the_very_moment_of_an_answer_asks_anew(arena: Arena) -> None:
    mia, noah = await arena.world.actor(MIA), await arena.world.actor(NOAH)
    others = asyncio.all_tasks()
    first = asyncio.create_task(board_names.names_of(mia.tenant_id, {mia.user_id}))
    await asyncio.sleep(0)
    (asking,) = asyncio.all_tasks() - others - {first}
    while not asking.done():  # noqa: ASYNC110  # each turn of the loop, so before it has told anybody
        await asyncio.sleep(0)
    assert not first.done()
    found = await board_names.names_of(mia.tenant_id, {noah.user_id})
    assert [person.name for person in found.values()] == ["Noah"]
    assert [person.name for person in (await first).values()] == ["Mia"]
