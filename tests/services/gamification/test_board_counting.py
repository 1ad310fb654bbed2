"""Counting inside PostgreSQL gives what counting in Python gives."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import col, update

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import board_counting, projector
from bizosaas_app.services.gamification.definitions import Board
from models import LeaderboardEntry, Tenant
from tests.support.boards import MIA, NOAH, OLGA, Arena, event

SUM, COUNT, MAX = [{"event": "*", "aggregate": aggregate} for aggregate in ("sum", "count", "max")]
SIMPLE = [{"field": "value", "op": "gt", "value": 0.5}, {"field": "value", "op": "ne", "value": 3}]

PLAIN: dict[str, dict[str, Any]] = {
    "sum": {"metric": SUM},
    "spent": {"metric": SUM, "operator": "decr", "resets": "30 2 * * *"},
    "count": {"metric": {**COUNT, "event": "task.completed"}},
    "filtered": {"metric": {**COUNT, "filters": SIMPLE}},
    "max": {"metric": MAX, "resets": "0 9 * * 1"},
    "best": {"metric": SUM, "operator": "best"},
    "fastest": {"metric": SUM, "operator": "best", "sort": "asc"},
    "latest": {"metric": SUM, "operator": "set"},
    "capped": {"metric": SUM, "caps": {"largest_change": 3}},
}
REFERENCE_ONLY: dict[str, dict[str, Any]] = {
    "by-property": {"metric": {**SUM, "field": "size"}},
    "text": {"metric": {**COUNT, "filters": [{"field": "value", "op": "ne", "value": "x"}]}},
    "listed": {"metric": {**COUNT, "filters": [{"field": "value", "op": "in", "value": [1, 3]}]}},
    "days": {"metric": {"event": "*", "aggregate": "streak"}},
    "paced": {"metric": SUM, "caps": {"smallest_interval_seconds": 60}},
}


async def rebuild(arena: Arena, board: Board) -> int:
    actor = arena.world.system()
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await projector.lock_alone(session, actor.tenant_id)
        return await projector.rebuild(session, board, utc_now())


async def record_some(arena: Arena, rng: random.Random, count: int) -> None:
    """Events around the days on which clocks change, and some of them undone."""
    days = [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC), utc_now() - timedelta(days=3)]
    events = [
        event(
            arena.person(rng.choice([MIA, NOAH, OLGA])),
            rng.choice([None, -2, 0, 1, 3, "0.1", "2.5", "99999999999.9999"]),
            type=rng.choice(["task.completed", "order.completed"]),
            properties={"size": rng.choice([1, 0.5, "big"])},
            occurred_at=rng.choice(days) + timedelta(minutes=rng.randrange(0, 4000, 30), microseconds=rng.randrange(3)),
        )
        for _ in range(count)
    ]
    await arena.append(*events)
    for undone in rng.sample(events, 6):
        await arena.reverse(undone.event_id)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
async def test_a_rebuild_in_postgresql_equals_the_recount_in_python(arena: Arena, zone: str) -> None:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.execute(update(Tenant).values(timezone=zone))
    await record_some(arena, random.Random(zone), 80)
    for key, columns in (PLAIN | REFERENCE_ONLY).items():
        board = await arena.define(key, **columns)
        assert board_counting.is_set_based(board.rule) == (key in PLAIN)
        expected = await arena.recount(board)
        assert await rebuild(arena, board) == len(expected)
        assert await arena.entries(board) == expected, key
        assert await rebuild(arena, board) == 0


@pytest.mark.parametrize("key", ["sum", "days"])
async def test_a_rebuild_mends_what_differs_and_tells_how_much_that_was(arena: Arena, key: str) -> None:
    await record_some(arena, random.Random(1), 20)
    board = await arena.define(key, **(PLAIN | REFERENCE_ONLY)[key])
    await rebuild(arena, board)
    right, mine = await arena.entries(board), col(LeaderboardEntry.leaderboard_id) == board.id
    places = sorted(right)
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        user, period = places[0].user_id, places[0].period
        one = (mine, col(LeaderboardEntry.user_id) == user, col(LeaderboardEntry.period) == period)
        await session.execute(update(LeaderboardEntry).where(*one).values(events=77))
        user, period = places[1].user_id, places[1].period
        other = (mine, col(LeaderboardEntry.user_id) == user, col(LeaderboardEntry.period) == period)
        await session.execute(delete(LeaderboardEntry).where(*other))
        session.add(
            LeaderboardEntry(
                tenant_id=board.tenant_id,
                leaderboard_id=board.id,
                period="2019-01",
                user_id=user,
                reached_at=utc_now(),
            )
        )
    assert await rebuild(arena, board) == 3
    assert await arena.entries(board) == right


async def test_an_empty_ledger_leaves_an_empty_board(arena: Arena) -> None:
    board = await arena.board()
    assert await rebuild(arena, board) == 0
    await arena.score(MIA, 5)
    only = await arena.score(MIA, 7)
    await arena.reverse(only)
    assert await rebuild(arena, board) == 0
