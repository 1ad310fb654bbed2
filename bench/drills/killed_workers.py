"""A worker of four is killed every ten seconds while two hundred people are at work.

Nothing that was acknowledged may be lost or counted twice, and nobody may be signed out. The killed worker's place has
to be taken by another; those whose connections it held see them torn, and come again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from bench import scene
from bench.drills.work import Left, at_work, open_crowd, tell
from tests.support.servers import Server

WORKERS: Final = 4
PEOPLE: Final = 200
PAGES: Final = 8
KILLS: Final = 12
EVERY_SECONDS: Final = 10.0
THINK_SECONDS: Final = (1.0, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Left):
    """What is left after the drill, with how many workers were killed and how many there are now."""

    killed: int
    workers: int


async def drill(
    server: Server, *, people: int = PEOPLE, pages: int = PAGES, kills: int = KILLS, every: float = EVERY_SECONDS
) -> Outcome:
    """Run the drill at a server with several workers."""
    tenant_id, tickets = await open_crowd(server.data_dir, server.url, people, {})
    killed = 0
    async with at_work(server.port, tickets, pages=pages, think_seconds=THINK_SECONDS) as work:
        for _ in range(kills):
            await asyncio.sleep(every)
            killed += _kill_one(server.workers())
        await asyncio.sleep(every)
        await work.end()
    left = await work.left(server.data_dir, tenant_id)
    return Outcome(**left, killed=killed, workers=len(server.workers()))


def _kill_one(workers: Sequence[psutil.Process]) -> bool:
    with suppress(psutil.NoSuchProcess, IndexError):
        random.choice(workers).kill()
        return True
    return False


def _run(data_dir: Path) -> None:
    limits = {"BIZOSAAS_RATE_LIMIT_PER_HOUR": "10000000", "BIZOSAAS_JOBS": "0"}
    server = Server(data_dir, workers=WORKERS, **limits).start()
    try:
        with server.another_worker():
            outcome = asyncio.run(drill(server))
    finally:
        server.stop()
    facts = {
        "people": PEOPLE,
        "workers": WORKERS,
        "killed": outcome.killed,
        "workers_at_the_end": outcome.workers,
        "pages": PAGES,
        **outcome.facts(),
    }
    title = f"{PEOPLE} people at {WORKERS} workers, one of them killed every {EVERY_SECONDS:g} s"
    tell("drill_killed_workers", title, outcome.tally, facts)


if __name__ == "__main__":
    scene.run(_run)
