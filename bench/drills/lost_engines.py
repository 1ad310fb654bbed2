"""PostgreSQL is stopped for twenty seconds, then Valkey, while people are at work.

Meanwhile every answer has to say that it is our fault and when to come again; within seconds of the engine's return
everything works, and the ledger holds what was acknowledged, once.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx

from bench import scene
from bench.drills.crowd import EVENTS, ME, TORN, Crowd, Tally
from bench.drills.ledger import Audit, compare
from bench.drills.pages import KeptPage
from bench.measure import Series, publish
from bench.scene import Ticket
from bizosaas_app.kernel import resources
from tests.support.outages import GivenEngines
from tests.support.servers import Server

WORKERS: Final = 2
PEOPLE: Final = 60
PAGES: Final = 6
AWAY_SECONDS: Final = 20.0
CALM_SECONDS: Final = 10.0
THINK_SECONDS: Final = (0.5, 1.5)
AIM_SECONDS: Final = 5.0
"""Within so many seconds of an engine's return everything has to work again."""
_LONGEST_RETURN: Final = 60.0
_RIGHT: Final = "application/problem+json"


@dataclass(slots=True)
class Outage:
    """One engine's absence, as a careful client saw it."""

    engine: str
    refusals: int = 0
    wrong: list[str] = field(default_factory=list)
    """Answers during the outage that are neither right nor a problem document with `Retry-After`."""
    returned_in: float = 0.0
    """Seconds from the engine's return until the last refusal of anybody."""
    statuses: dict[str, int] = field(default_factory=dict)
    slowest: float = 0.0
    """The longest that anybody waited for an answer meanwhile."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left after the drill."""

    tally: Tally
    audit: Audit
    outages: list[Outage]
    signed_in: int
    pages_answering: int


async def open_crowd(server: Server, engines: GivenEngines, people: int) -> tuple[UUID, list[Ticket]]:
    """Make a tenant of so many people beside the running server, and sign each of them in."""
    urls = {name.lower(): url for name, url in engines.urls.items()}
    async with resources.start(scene.bench_settings(server.data_dir, public_url=server.url, **urls)) as held:
        tenant_id = await scene.make_tenant(held, people=people)
        return tenant_id, await scene.open_sessions(held, tenant_id)


async def drill(
    server: Server,
    engines: GivenEngines,
    *,
    people: int = PEOPLE,
    pages: int = PAGES,
    away: float = AWAY_SECONDS,
    calm: float = CALM_SECONDS,
) -> Outcome:
    """Run the drill at a server on given engines."""
    tenant_id, tickets = await open_crowd(server, engines, people)
    crowd = Crowd(server.port, tickets, think_seconds=THINK_SECONDS)
    kept = [KeptPage(server.port, ticket) for ticket in tickets[:pages]]
    keeping = [asyncio.create_task(page.keep()) for page in kept]
    acting = asyncio.create_task(crowd.run())
    try:
        await asyncio.sleep(calm)
        outages = [
            await _lose(name, engines, crowd, probe=partial(_probe, server, tickets[0]), away=away)
            for name in ("postgres", "valkey")
        ]
        await asyncio.sleep(calm)
        crowd.stop()
        await acting
        answering = sum(await asyncio.gather(*(page.answers(seconds=90) for page in kept)))
        signed_in = await crowd.count_signed_in()
    finally:
        for task in (acting, *keeping):
            task.cancel()
        await asyncio.gather(acting, *keeping, return_exceptions=True)
        await crowd.close()
    audit = await asyncio.to_thread(compare, engines.data_dir, tenant_id, crowd.tally)
    return Outcome(crowd.tally, audit, outages, signed_in, answering)


async def _lose(
    engine: str,
    engines: GivenEngines,
    crowd: Crowd,
    *,
    probe: Callable[[Outage], Awaitable[None]],
    away: float,
) -> Outage:
    """Take an engine away for a while, and wait until nobody is refused any more."""
    stop, start = engines.switches(engine)
    outage = Outage(engine)
    await asyncio.to_thread(stop)
    gone = time.monotonic()
    while time.monotonic() < gone + away:
        await probe(outage)
        await asyncio.sleep(0.3)
    await asyncio.to_thread(start)
    back = time.monotonic()
    last_bad = await _last_refusal(crowd.tally, gone, back)
    outage.returned_in = round(max(0.0, last_bad - back), 2)
    during = crowd.tally.between(gone, back)
    counts = Counter(one.status for one in during)
    outage.statuses = {"torn" if status == TORN else str(status): count for status, count in sorted(counts.items())}
    outage.slowest = round(max((one.seconds for one in during), default=0.0), 2)
    return outage


async def _probe(server: Server, ticket: Ticket, outage: Outage) -> None:
    """Ask for oneself, sign in wrongly, record nothing: each answer has to be right, or a clear refusal."""
    asked: tuple[tuple[str, str, Any], ...] = (
        ("GET", ME, None),
        ("POST", EVENTS, {"events": []}),
        ("POST", "/api/v1/auth/login", {"email": ticket.email, "password": "not this one, surely"}),
    )
    async with httpx.AsyncClient(base_url=server.url, headers=ticket.bearer, timeout=30) as client:
        for method, path, body in asked:
            answer = await client.request(method, path, json=body)
            if answer.status_code < 500:
                continue
            outage.refusals += 1
            kind, pause = answer.headers.get("content-type", ""), answer.headers.get("retry-after", "")
            if answer.status_code != 503 or kind != _RIGHT or not pause.isdigit():
                outage.wrong.append(f"{answer.status_code} {method} {path} {kind} {pause!r} {answer.text[:200]}")


async def _last_refusal(tally: Tally, gone: float, back: float) -> float:
    """Give the moment of the last refusal: after it there was none for a while."""
    while True:
        await asyncio.sleep(1)
        last = max((one.at for one in tally.between(gone, float("inf")) if not 200 <= one.status < 300), default=gone)
        if time.monotonic() - max(last, back) > AIM_SECONDS or time.monotonic() - back > _LONGEST_RETURN:
            return last


def _run(data_dir: Path) -> None:
    engines = GivenEngines(data_dir).start()
    limits = {"BIZOSAAS_RATE_LIMIT_PER_HOUR": "10000000", "BIZOSAAS_DEMO": "0"}
    server = Server(data_dir, workers=WORKERS, **engines.urls, **limits)
    try:
        server.start()
        outcome = asyncio.run(drill(server, engines))
    finally:
        server.stop()
        engines.stop()
    facts: dict[str, Any] = {
        "people": PEOPLE,
        "workers": WORKERS,
        "away_seconds": AWAY_SECONDS,
        "refusals": dict(outcome.tally.refusals),
        "error_percent": outcome.tally.error_percent,
        "statuses": outcome.tally.statuses(),
        "events_acknowledged": len(outcome.tally.acknowledged),
        "events_lost": outcome.audit.lost,
        "events_doubled": outcome.audit.doubled,
        "still_signed_in": outcome.signed_in,
        "pages_answering": outcome.pages_answering,
        "odd_answers": outcome.tally.odd[:10],
    }
    for outage in outcome.outages:
        facts[f"{outage.engine}_away"] = {
            "statuses": outage.statuses,
            "probes_refused": outage.refusals,
            "wrong_answers": outage.wrong[:10],
            "slowest_answer_seconds": outage.slowest,
            "last_refusal_after_return_seconds": outage.returned_in,
            "aim_seconds": AIM_SECONDS,
        }
    title = f"{PEOPLE} people while each engine is away for {AWAY_SECONDS:g} s"
    publish("drill_lost_engines", title, [Series("answers", outcome.tally.good_seconds)], **facts)
    for name, value in facts.items():
        print(f"  {name}: {value}")


if __name__ == "__main__":
    scene.run(_run)
