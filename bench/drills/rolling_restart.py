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
from uuid import UUID

from bench import scene
from bench.drills.crowd import Crowd, Tally
from bench.drills.drafts import Writer, count_intact
from bench.drills.ledger import Audit, compare
from bench.drills.pages import KeptPage
from bench.measure import Series, publish
from bench.scene import Ticket
from bizosaas_app.kernel import resources
from tests.support.edge import Edge
from tests.support.outages import GivenEngines
from tests.support.servers import Server

PEOPLE: Final = 50
PAGES: Final = 6
WRITERS: Final = 4
ROUNDS: Final = 2
CALM_SECONDS: Final = 5.0
THINK_SECONDS: Final = (0.5, 1.5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left after the drill."""

    tally: Tally
    audit: Audit
    signed_in: int
    page_returns: int
    pages_answering: int
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


async def open_crowd(engines: GivenEngines, url: str, people: int) -> tuple[UUID, list[Ticket]]:
    """Make a tenant of so many people beside the running servers, and sign each of them in."""
    urls = {name.lower(): value for name, value in engines.urls.items()}
    async with resources.start(scene.bench_settings(engines.data_dir, public_url=url, **urls)) as held:
        tenant_id = await scene.make_tenant(held, people=people)
        return tenant_id, await scene.open_sessions(held, tenant_id)


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
    tenant_id, tickets = await open_crowd(engines, edge.url, people)
    crowd = Crowd(edge.port, tickets, think_seconds=THINK_SECONDS, tls=edge.tls())
    kept = [KeptPage(edge.port, ticket, tls=edge.tls()) for ticket in tickets[:pages]]
    writing = [Writer(edge.port, ticket, tls=edge.tls()) for ticket in tickets[:writers]]
    aside = [asyncio.create_task(work) for work in (*(p.keep() for p in kept), *(w.write() for w in writing))]
    acting = asyncio.create_task(crowd.run())
    slowest = 0.0
    try:
        await asyncio.sleep(calm)
        for _ in range(rounds):
            for server in servers:
                started = time.monotonic()
                await asyncio.to_thread(server.retire)
                slowest = max(slowest, time.monotonic() - started)
                await asyncio.to_thread(server.start)
                await asyncio.sleep(calm)
        crowd.stop()
        await acting
        answering = sum(await asyncio.gather(*(page.answers(seconds=90) for page in kept)))
        signed_in = await crowd.count_signed_in()
    finally:
        for task in (acting, *aside):
            task.cancel()
        await asyncio.gather(acting, *aside, return_exceptions=True)
        await crowd.close()
    return Outcome(
        tally=crowd.tally,
        audit=await asyncio.to_thread(compare, engines.data_dir, tenant_id, crowd.tally),
        signed_in=signed_in,
        page_returns=sum(page.returns for page in kept),
        pages_answering=answering,
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
        "statuses": outcome.tally.statuses(),
        "refusals": dict(outcome.tally.refusals),
        "error_percent": outcome.tally.error_percent,
        "events_acknowledged": len(outcome.tally.acknowledged),
        "events_lost": outcome.audit.lost,
        "events_doubled": outcome.audit.doubled,
        "still_signed_in": outcome.signed_in,
        "drafts": WRITERS,
        "drafts_intact": outcome.drafts_intact,
        "draft_saves": outcome.saves,
        "pages": PAGES,
        "page_returns": outcome.page_returns,
        "pages_answering": outcome.pages_answering,
        "slowest_end_seconds": outcome.slowest_end,
        "odd_answers": outcome.tally.odd[:10],
    }
    title = f"{PEOPLE} people while two servers behind the edge are replaced in turns"
    publish("drill_rolling_restart", title, [Series("answers", outcome.tally.good_seconds)], **facts)
    for name, value in facts.items():
        print(f"  {name}: {value}")


if __name__ == "__main__":
    scene.run(_run)
