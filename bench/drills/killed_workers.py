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
from uuid import UUID

import psutil

from bench import scene
from bench.drills.crowd import Crowd, Tally
from bench.drills.ledger import Audit, compare
from bench.drills.pages import KeptPage
from bench.measure import Series, publish
from bench.scene import Ticket
from bizosaas_app.kernel import resources
from tests.support.servers import Server

WORKERS: Final = 4
PEOPLE: Final = 200
PAGES: Final = 8
KILLS: Final = 12
EVERY_SECONDS: Final = 10.0
THINK_SECONDS: Final = (1.0, 3.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left after the drill."""

    tally: Tally
    audit: Audit
    killed: int
    workers: int
    signed_in: int
    page_returns: int
    pages_answering: int


async def open_crowd(server: Server, people: int) -> tuple[UUID, list[Ticket]]:
    """Make a tenant of so many people beside the running server, and sign each of them in."""
    async with resources.start(scene.bench_settings(server.data_dir, public_url=server.url)) as held:
        tenant_id = await scene.make_tenant(held, people=people)
        return tenant_id, await scene.open_sessions(held, tenant_id)


async def drill(
    server: Server, *, people: int = PEOPLE, pages: int = PAGES, kills: int = KILLS, every: float = EVERY_SECONDS
) -> Outcome:
    """Run the drill at a server with several workers."""
    tenant_id, tickets = await open_crowd(server, people)
    crowd = Crowd(server.port, tickets, think_seconds=THINK_SECONDS)
    kept = [KeptPage(server.port, ticket) for ticket in tickets[:pages]]
    keeping = [asyncio.create_task(page.keep()) for page in kept]
    acting = asyncio.create_task(crowd.run())
    killed = 0
    try:
        for _ in range(kills):
            await asyncio.sleep(every)
            killed += _kill_one(server.workers())
        await asyncio.sleep(every)
        crowd.stop()
        await acting
        answering = sum(await asyncio.gather(*(page.answers(seconds=90) for page in kept)))
        signed_in = await crowd.count_signed_in()
    finally:
        for task in (acting, *keeping):
            task.cancel()
        await asyncio.gather(acting, *keeping, return_exceptions=True)
        await crowd.close()
    return Outcome(
        tally=crowd.tally,
        audit=await asyncio.to_thread(compare, server.data_dir, tenant_id, crowd.tally),
        killed=killed,
        workers=len(server.workers()),
        signed_in=signed_in,
        page_returns=sum(page.returns for page in kept),
        pages_answering=answering,
    )


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
        "statuses": outcome.tally.statuses(),
        "refusals": dict(outcome.tally.refusals),
        "error_percent": outcome.tally.error_percent,
        "events_acknowledged": len(outcome.tally.acknowledged),
        "events_lost": outcome.audit.lost,
        "events_doubled": outcome.audit.doubled,
        "still_signed_in": outcome.signed_in,
        "pages": PAGES,
        "page_returns": outcome.page_returns,
        "pages_answering": outcome.pages_answering,
        "odd_answers": outcome.tally.odd[:10],
    }
    title = f"{PEOPLE} people at {WORKERS} workers, one of them killed every {EVERY_SECONDS:g} s"
    publish("drill_killed_workers", title, [Series("answers", outcome.tally.good_seconds)], **facts)
    for name, value in facts.items():
        print(f"  {name}: {value}")


if __name__ == "__main__":
    scene.run(_run)
