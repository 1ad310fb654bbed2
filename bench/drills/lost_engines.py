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

import httpx

from bench import scene
from bench.drills.crowd import EVENTS, ME, TORN, Crowd, Tally
from bench.drills.work import Left, at_work, open_crowd, tell
from bench.scene import Ticket
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Left):
    """What is left after the drill, with what each absence was like."""

    outages: list[Outage]


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
    tenant_id, tickets = await open_crowd(server.data_dir, server.url, people, engines.urls)
    async with at_work(server.port, tickets, pages=pages, think_seconds=THINK_SECONDS) as work:
        await asyncio.sleep(calm)
        outages = [
            await _lose(name, engines, work.crowd, probe=partial(_probe, server, tickets[0]), away=away)
            for name in ("postgres", "valkey")
        ]
        await asyncio.sleep(calm)
        await work.end()
    return Outcome(**await work.left(engines.data_dir, tenant_id), outages=outages)


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
        **outcome.facts(),
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
    tell("drill_lost_engines", title, outcome.tally, facts)


if __name__ == "__main__":
    scene.run(_run)
