"""The reads of gamification with fifty clients at once: boards, achievements, goals, the funnel, analytics, notices.

As `api_load`, whose clients and phases it takes: each client thinks for about a second between two calls. The baseline
in the same run is the same clients on a route that only greets.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Final
from uuid import UUID

from bench import api_load, scene
from bench.api_load import BASELINE, CLIENTS, LIMIT_MS, TENANT, THINK_SECONDS, Tally, greet, run_phase
from bench.measure import Series, publish
from bench.scene import Ticket
from bench.serving import Serving
from bench.wire import Wire, checked
from bizosaas_app.kernel import resources
from tests.support.servers import Server

ROUNDS: Final = 3
_BASE: Final = "/api/v1/gamification"
READS: Final[dict[str, tuple[int, str]]] = {
    "board": (35, f"{_BASE}/leaderboards/points?limit=50"),
    "around me": (15, f"{_BASE}/leaderboards/points?around=me&limit=11"),
    "achievements": (15, f"{_BASE}/achievements/{{tenant}}?limit=50"),
    "goals": (5, f"{_BASE}/achievements/{{tenant}}/goals"),
    "conversions": (10, f"{_BASE}/referrals/conversions?limit=50"),
    "funnel": (5, f"{_BASE}/referrals/funnel"),
    "analytics": (5, f"{_BASE}/analytics/{{tenant}}"),
    "notices": (10, "/api/v1/notifications?limit=20"),
}
"""How often each call comes, in percent, and its path."""


class Reader:
    """Chooses the next read and makes it."""

    def __init__(self, tenant_id: UUID) -> None:
        self._paths = {name: path.format(tenant=tenant_id) for name, (_, path) in READS.items()}

    async def ask(self, wire: Wire) -> str:
        """Make one call, check its answer, and give the call's name."""
        name = random.choices(list(READS), weights=[weight for weight, _ in READS.values()])[0]
        checked(await wire.get(self._paths[name]))
        return name


async def measure(server: Server, tickets: list[Ticket], tenant_id: UUID, hello: Serving) -> dict[str, Tally]:
    """Run the phases against both servers, in turns."""
    reader = Reader(tenant_id)
    ours = [Wire(server.port, ticket.bearer) for ticket in tickets]
    theirs = [Wire(hello.port) for _ in tickets]
    await run_phase(ours, reader.ask, seconds=api_load.WARM_UP_SECONDS, thinks=False)
    tallies = {"reads": Tally(), BASELINE: Tally()}
    for _ in range(ROUNDS):
        tallies["reads"].add(await run_phase(ours, reader.ask, seconds=api_load.PHASE_SECONDS, thinks=True))
        tallies[BASELINE].add(await run_phase(theirs, greet, seconds=5, thinks=True))
    for wire in [*ours, *theirs]:
        await wire.close()
    return tallies


async def _open(server: Server) -> tuple[list[Ticket], UUID]:
    async with resources.start(scene.bench_settings(server.data_dir, public_url=server.url)) as held:
        tenant_id = await scene.find_tenant(held, TENANT)
        return await scene.open_sessions(held, tenant_id, emails=["admin@acme.demo"], each=CLIENTS), tenant_id


def _run(data_dir: Path) -> None:
    server = Server(data_dir, BIZOSAAS_RATE_LIMIT_PER_HOUR="10000000").start()
    try:
        tickets, tenant_id = asyncio.run(_open(server))
        with Serving("bench.apps.bare:hello", data_dir.parent / "hello.log") as hello:
            tallies = asyncio.run(measure(server, tickets, tenant_id, hello))
    finally:
        server.stop()
    series = [Series(BASELINE, tallies[BASELINE].all)]
    series.append(Series("all reads", tallies["reads"].all, baseline=BASELINE, limit_ms=LIMIT_MS))
    series += [Series(f"  {name}", tallies["reads"].seconds[name], limit_ms=LIMIT_MS) for name in READS]
    publish(
        "reads",
        f"Reads of gamification with {CLIENTS} clients at once, one worker",
        series,
        clients=CLIENTS,
        think_seconds=THINK_SECONDS,
        mix_percent={name: weight for name, (weight, _) in READS.items()},
    )


if __name__ == "__main__":
    scene.run(_run)
