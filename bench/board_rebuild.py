"""Rebuilding a board of a million entries from the ledger, and refilling its copy in Valkey.

Run as `python -m bench.board_rebuild`. Writes members with one event each into the ledger: each makes an entry of all
time, of its month, its week and its day. The baseline, in the same run, is a plain INSERT ... SELECT of as many ready
rows into the same table, with its keys and indexes: what any program has to pay. Then the board is rebuilt with nothing
there, rebuilt when all is right, and one period is refilled in Valkey. The recount in Python, which the rebuild must
equal, is measured on a part.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from bench import scene
from bench.measure import Series, publish
from bizosaas_app.gateway import relay
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import boards, projector, standings, standings_fill
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.tenants import records

ENTRIES: Final = 1_000_000
PERIODS: Final = 4
"""Entries that one member's event makes."""
BASELINE: Final = "INSERT ... SELECT of ready rows"
LIMIT_MS: Final = 60_000.0
PART: Final = 5_000
"""Members that are recounted in Python for comparison."""
_CHUNK: Final = 25_000
_PAUSE_SECONDS: Final = 2.0
"""A moment for the database to write what it owes to the disk, so that no step pays for the one before."""

_MEMBERS = text("""
WITH made AS (
    INSERT INTO users (tenant_id, id, email, name, password_hash, status, created_at)
    SELECT :tenant, gen_random_uuid(), 'm' || n || '@rebuild.example', 'Member ' || n, 'none', 'active', now()
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
    RETURNING id
), joined AS (
    INSERT INTO memberships (tenant_id, user_id, role_key, platforms, leaderboard_privacy, created_at)
    SELECT :tenant, id, 'user', ARRAY['bizosaas'], 'public', now() FROM made RETURNING user_id
), told AS (
    INSERT INTO gamification_events
        (tenant_id, event_id, type, user_id, value, properties, occurred_at, received_at, source)
    SELECT :tenant, gen_random_uuid(), 'task.completed', id, floor(random() * 1000) + 1, '{}',
        now() - random() * interval '90 days', now(), 'service'
    FROM made RETURNING event_id
)
SELECT (SELECT count(*) FROM joined) + (SELECT count(*) FROM told)
""")
_READY = text("""
INSERT INTO leaderboard_entries (tenant_id, leaderboard_id, period, user_id, score, reached_at, events, updated_at)
SELECT tenant_id, :plain, period, user_id, score, reached_at, events, updated_at
FROM leaderboard_entries WHERE tenant_id = :tenant AND leaderboard_id = :board ORDER BY period, user_id
""")


async def _prepare(members: int) -> tuple[Actor, Board, Board]:
    """Write a tenant, its ledger, and two boards: the one to rebuild, and one for the baseline's rows."""
    actor = Actor.system(new_id())
    async with unit_of_work(actor) as session:
        await records.create_tenant(session, actor, slug=f"rebuild-{new_id().hex[-8:]}", name="Rebuild", now=utc_now())
        await boards.ensure_defaults(session, actor)
        board, plain = [await boards.get_board(session, actor, key) for key in ("points", "campaigns")]
    for first in range(0, members, _CHUNK):
        async with unit_of_work(actor) as session:
            span = {"tenant": actor.tenant_id, "first": first, "last": min(first + _CHUNK, members) - 1}
            await session.execute(_MEMBERS, span)
    return actor, board, plain


async def _timed(actor: Actor, work: Callable[[Any], Awaitable[Any]]) -> float:
    """Give the seconds of a transaction that does this work, its commit included."""
    started = time.perf_counter()
    async with unit_of_work(actor) as session:
        await session.execute(text("set local statement_timeout = '10min'"))
        await work(session)
    return time.perf_counter() - started


async def _rebuild(session: Any, board: Board) -> None:
    await projector.lock_alone(session, board.tenant_id)
    await projector.rebuild(session, board, utc_now())


async def _recount_part(session: Any, board: Board) -> None:
    users = list((await session.execute(text("SELECT id FROM users LIMIT :part"), {"part": PART})).scalars())
    await projector.recount(session, board, users=users)


async def measure(entries: int) -> list[Series]:
    """Give the seconds of each step, as series of one time each."""
    actor, board, plain = await _prepare(entries // PERIODS)
    names = {"tenant": actor.tenant_id, "board": board.id, "plain": plain.id}
    taken: dict[str, float] = {}
    taken["rebuild from nothing"] = await _timed(actor, lambda session: _rebuild(session, board))
    await asyncio.sleep(_PAUSE_SECONDS)
    taken[BASELINE] = await _timed(actor, lambda session: session.execute(_READY, names))
    await asyncio.sleep(_PAUSE_SECONDS)
    taken["rebuild when all is right"] = await _timed(actor, lambda session: _rebuild(session, board))
    copy = await standings.copy_of(resources.resources().cache, board, "all", now=utc_now())
    fill = standings_fill.fill
    taken["refill of all time in Valkey"] = await _timed(
        actor, lambda session: fill(session, resources.resources().cache, copy)
    )
    name = f"recount of {PART:,} members in Python"
    taken[name] = await _timed(actor, lambda session: _recount_part(session, board))
    limited = ("rebuild from nothing", "rebuild when all is right")
    return [
        Series(
            name,
            [seconds],
            baseline=BASELINE if name in limited else None,
            limit_ms=LIMIT_MS if name in limited else None,
        )
        for name, seconds in taken.items()
    ]


async def _run(data_dir: Path, entries: int) -> list[Series]:
    async with resources.start(scene.bench_settings(data_dir)), relay.running():
        return await measure(entries)


def main(entries: int = ENTRIES) -> None:
    """Measure in engines of its own, print, keep."""
    configure_logging(as_json=False, level="ERROR")
    with scene.folder() as data_dir:
        series = asyncio.run(_run(data_dir, entries))
    publish("board_rebuild", f"Rebuilding a board of {entries:,} entries", series, entries=entries)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=ENTRIES)
    main(parser.parse_args().entries)
