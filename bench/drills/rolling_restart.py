"""Two servers behind the edge are replaced one after the other while people are at work.

Each is told to end as a container is, and comes back; the edge sends people to the other one meanwhile. Nobody is
signed out, no draft loses what was written, no acknowledged event is lost, and hardly anybody notices.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import scene
from bench.drills.drafts import Writer, count_intact
from bench.drills.work import Left, at_work, open_crowd, tell
from tests.support.edge import Edge
from tests.support.outages import GivenEngines
from tests.support.servers import Server

PEOPLE: Final = 50
PAGES: Final = 6
WRITERS: Final = 4
ROUNDS: Final = 2
CALM_SECONDS: Final = 5.0
THINK_SECONDS: Final = (0.5, 1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Left):
    """What is left after the drill, with what became of the drafts."""

    drafts_intact: int
    saves: int
    slowest_end: float
    """Seconds that a server took to end."""


def replica(data_dir: Path, engines: GivenEngines, edge: Edge) -> Server:
    """Give one of two servers that share the engines behind the edge."""
    own = {
        "BIZOSAAS_PUBLIC_URL": edge.url,
        "BIZOSAAS_TRUSTED_PROXIES": "127.0.0.1/32",
        "BIZOSAAS_REPLICAS": "2",
        "BIZOSAAS_DEMO": "0",
        "BIZOSAAS_RATE_LIMIT_PER_HOUR": "10000000",
    }
    return Server(data_dir, **engines.urls, **own)


async def drill(
    edge: Edge,
    servers: Sequence[Server],
    engines: GivenEngines,
    *,
    people: int = PEOPLE,
    pages: int = PAGES,
    writers: int = WRITERS,
    rounds: int = ROUNDS,
    calm: float = CALM_SECONDS,
) -> Outcome:
    """Run the drill at the edge before these servers."""
    tenant_id, tickets = await open_crowd(engines.data_dir, edge.url, people, engines.urls)
    writing = [Writer(edge.port, ticket, tls=edge.tls()) for ticket in tickets[:writers]]
    slowest = 0.0
    async with at_work(
        edge.port,
        tickets,
        pages=pages,
        think_seconds=THINK_SECONDS,
        tls=edge.tls(),
        beside=[writer.write() for writer in writing],
    ) as work:
        await asyncio.sleep(calm)
        for _ in range(rounds):
            for server in servers:
                started = time.monotonic()
                await asyncio.to_thread(server.retire)
                slowest = max(slowest, time.monotonic() - started)
                await asyncio.to_thread(server.start)
                await asyncio.sleep(calm)
        await work.end()
    return Outcome(
        **await work.left(engines.data_dir, tenant_id),
        drafts_intact=await count_intact(writing),
        saves=sum(writer.saves for writer in writing),
        slowest_end=round(slowest, 2),
    )


def _run(data_dir: Path) -> None:
    engines = GivenEngines(data_dir).start()
    edge = Edge(data_dir.parent / "envoy")
    servers = [replica(data_dir, engines, edge) for _ in range(2)]
    try:
        for server in servers:
            server.start()
        edge.start(*(server.port for server in servers))
        outcome = asyncio.run(drill(edge, servers, engines))
    finally:
        edge.stop()
        for server in servers:
            server.stop()
        engines.stop()
    facts: dict[str, Any] = {
        "people": PEOPLE,
        "restarts": 2 * ROUNDS,
        "drafts": WRITERS,
        "drafts_intact": outcome.drafts_intact,
        "draft_saves": outcome.saves,
        "pages": PAGES,
        "slowest_end_seconds": outcome.slowest_end,
        **outcome.facts(),
    }
    title = f"{PEOPLE} people while two servers behind the edge are replaced in turns"
    tell("drill_rolling_restart", title, outcome.tally, facts)


if __name__ == "__main__":
    scene.run(_run)
