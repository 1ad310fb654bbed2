"""Drift is found and mended: in the entries, in Valkey, in whole boards and in drawn members."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlmodel import col, update

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import drift, rebuild
from bizosaas_app.services.gamification.drift import Drift
from models import LeaderboardEntry
from tests.support.boards import MIA, NOAH, OLGA, Arena


async def mend(arena: Arena) -> Drift:
    actor = arena.world.system()
    async with arena.world.resources.database.unit_of_work(actor) as session:
        found = await drift.mend(session, arena.cache, actor, now=utc_now())
    await arena.relay.drain()
    return found


async def score_all(arena: Arena) -> None:
    for email, value in ((MIA, 9), (OLGA, 7), (NOAH, 5)):
        await arena.score(email, value)
    await arena.ranked(await arena.board())


async def test_what_is_right_is_left_alone(arena: Arena) -> None:
    await score_all(arena)
    version = (await arena.board()).version
    assert await mend(arena) == Drift(4, 0, 0)
    assert (await arena.board()).version == version


@pytest.mark.parametrize("is_whole", [True, False])
async def test_an_entry_that_differs_from_the_ledger_is_mended(
    arena: Arena, is_whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_whole:
        monkeypatch.setattr(drift, "WHOLE_EVENTS", 0)
    await score_all(arena)
    board = await arena.board()
    right, ranked = await arena.entries(board), await arena.ranked(board)
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        mine = (col(LeaderboardEntry.leaderboard_id) == board.id, col(LeaderboardEntry.user_id) == arena.person(NOAH))
        await session.execute(update(LeaderboardEntry).where(*mine).values(score=Decimal(99)))
    found = await mend(arena)
    assert (found.boards, found.entries) == (4, 4)
    assert await arena.entries(board) == right
    assert await arena.ranked(await arena.board()) == ranked


async def test_a_copy_in_valkey_that_differs_is_made_anew(arena: Arena) -> None:
    await score_all(arena)
    board = await arena.board()
    ranked = await arena.ranked(board)
    (ranking,) = await arena.cache.client.keys(f"bz:*:board:{board.id}:all:ranking")
    (first, _), *_ = await arena.cache.client.zrange(ranking, 0, 0, withscores=True)
    await arena.cache.client.zincrby(ranking, 100, first)
    assert await arena.ranked(board) != ranked
    assert await mend(arena) == Drift(4, 0, 1)
    assert await arena.ranked(await arena.board()) == ranked
    assert await mend(arena) == Drift(4, 0, 0)


async def test_every_tenant_is_compared(arena: Arena) -> None:
    assert await rebuild.mend_every_tenant() == Drift(8, 0, 0)
