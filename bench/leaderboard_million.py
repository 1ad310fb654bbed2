"""A leaderboard of a million entries: own rank, around me, top 100, beside the bare Valkey commands.

Run as `python -m bench.leaderboard_million`. Starts embedded engines in a folder of its own, writes the members and
their entries, lets the application make its copy in Valkey as it would after a loss, and asks. The bare commands
run against the same sorted set, over the same connection pool.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from bench import scene
from bench.measure import Series, Work, publish, time_in_turns
from bizosaas_app.gateway import board_readings, board_views, leaderboards, relay
from bizosaas_app.gateway.contracts.leaderboards import ReadBoard
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import boards, standings, standings_fill
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.tenants import records

ENTRIES: Final = 1_000_000
TIMES: Final = 1000
TOP: Final = 100
AROUND: Final = 11
_CHUNK: Final = 50_000

_MEMBERS = text("""
WITH made AS (
    INSERT INTO users (tenant_id, id, email, name, password_hash, status, created_at)
    SELECT :tenant, gen_random_uuid(), 'm' || n || '@million.example', 'Member ' || n, 'none', 'active', now()
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
    RETURNING id
), joined AS (
    INSERT INTO memberships (tenant_id, user_id, role_key, platforms, leaderboard_privacy, created_at)
    SELECT :tenant, id, 'user', ARRAY['bizosaas'], 'public', now() FROM made RETURNING user_id
)
SELECT count(*) FROM joined
""")
_ENTRIES = text("""
INSERT INTO leaderboard_entries (tenant_id, leaderboard_id, period, user_id, score, reached_at, events, updated_at)
SELECT tenant_id, :board, 'all', id, floor(random() * 1000000), now() - random() * interval '90 days', 1, now()
FROM users WHERE tenant_id = :tenant
AND NOT EXISTS (SELECT FROM leaderboard_entries e WHERE e.tenant_id = :tenant AND e.user_id = users.id)
""")


async def _prepare(entries: int) -> tuple[Actor, Board]:
    """Write a tenant with its boards, members and entries."""
    actor = Actor.system(new_id())
    async with unit_of_work(actor) as session:
        await records.create_tenant(session, actor, slug=f"million-{new_id().hex[-8:]}", name="Million", now=utc_now())
        await boards.ensure_defaults(session, actor)
        board = await boards.get_board(session, actor, "points")
    for first in range(0, entries, _CHUNK):
        async with unit_of_work(actor) as session:
            span = {"tenant": actor.tenant_id, "first": first, "last": min(first + _CHUNK, entries) - 1}
            await session.execute(_MEMBERS, span)
            await session.execute(_ENTRIES, {"tenant": actor.tenant_id, "board": board.id})
    return actor, board


async def _some_members(actor: Actor, count: int) -> list[UUID]:
    async with unit_of_work(actor) as session:
        found = await session.execute(text("SELECT id FROM users ORDER BY random() LIMIT :count"), {"count": count})
        return list(found.scalars())


class _Bare:
    """What a program would ask of Valkey that has nothing but the sorted set."""

    def __init__(self, keys: list[str]) -> None:
        self._client: Any = resources.resources().cache.client
        self._ranking, self._members = keys[0], keys[1]

    async def rank(self, member: UUID) -> None:
        name = await self._client.hget(self._members, str(member))
        await self._client.zrank(self._ranking, name)

    async def around(self, member: UUID) -> None:
        name = await self._client.hget(self._members, str(member))
        rank = await self._client.zrank(self._ranking, name)
        await self._client.zrange(self._ranking, max(0, rank - AROUND // 2), rank + AROUND // 2, withscores=True)

    async def top(self) -> None:
        await self._client.zrange(self._ranking, 0, TOP - 1, withscores=True)


class _Ours:
    """The application's readings, and whole operations of one member."""

    def __init__(self, board: Board, members: list[Actor]) -> None:
        self._board, self._members = board, members

    async def rank(self, member: UUID) -> None:
        await board_readings.read_rows(self._board, "all", viewers=[member])

    async def around(self, member: UUID) -> None:
        await board_readings.read_rows(self._board, "all", around=member, limit=AROUND, viewers=[member])

    async def top(self) -> None:
        reading = await board_readings.read_rows(self._board, "all", limit=TOP)
        board_views.others_entries(reading)

    async def operation(self, **wanted: Any) -> None:
        await leaderboards.read_board(random.choice(self._members), ReadBoard(key="points", window="all", **wanted))


async def _make_copy(actor: Actor, board: Board) -> None:
    """Make the copy as the first reader does, who would not wait that long."""
    cache = resources.resources().cache
    copy = await standings.copy_of(cache, board, "all", now=utc_now())
    async with unit_of_work(actor) as session:
        await standings_fill.fill(session, cache, copy)


async def measure(entries: int) -> list[Series]:
    """Give the times of each question, ours beside the bare commands."""
    actor, board = await _prepare(entries)
    started = time.perf_counter()
    await _make_copy(actor, board)
    filled = time.perf_counter() - started
    members = await _some_members(actor, 200)
    actors = [_reader(actor, member) for member in members]
    bare = _Bare((await standings.copy_of(resources.resources().cache, board, "all", now=utc_now())).keys())
    ours = _Ours(board, actors)
    works: dict[str, Work] = {
        "own rank, bare": lambda: bare.rank(random.choice(members)),
        "own rank": lambda: ours.rank(random.choice(members)),
        "around me, bare": lambda: bare.around(random.choice(members)),
        "around me": lambda: ours.around(random.choice(members)),
        "top 100, bare": bare.top,
        "top 100": ours.top,
        "operation: around me": lambda: ours.operation(around="me", limit=AROUND),
        "operation: top 100": lambda: ours.operation(limit=TOP),
    }
    taken = await time_in_turns(works, times=TIMES)
    baselines = {name.removesuffix(", bare"): name for name in works if name.endswith(", bare")}
    series = [
        Series(name, seconds, baseline=baselines.get(name.removeprefix("operation: ")) if "bare" not in name else None)
        for name, seconds in taken.items()
    ]
    return [*series, Series("making the copy (once)", [filled])]


def _reader(system: Actor, user_id: UUID) -> Actor:
    permissions = frozenset({"view_leaderboards"})
    return Actor(tenant_id=system.tenant_id, user_id=user_id, role="user", permissions=permissions, channel="http")


async def _run(data_dir: Path, entries: int) -> list[Series]:
    async with resources.start(scene.bench_settings(data_dir)), relay.running():
        return await measure(entries)


def main(entries: int = ENTRIES) -> None:
    """Measure in engines of its own, print, keep."""
    configure_logging(as_json=False, level="ERROR")
    with scene.folder() as data_dir:
        series = asyncio.run(_run(data_dir, entries))
    publish("leaderboard_million", f"Leaderboard of {entries:,} entries", series, entries=entries)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=ENTRIES)
    main(parser.parse_args().entries)
