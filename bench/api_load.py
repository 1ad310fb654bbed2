"""Fifty clients at once on the HTTP API of a real server: how long an answer takes, and how many it gives.

Each client has a session and a connection of its own, asks, reads the answer, and thinks for a second (half of it to
one and a half) before it asks again: that is what fifty people at work, or fifty integrations, are like. The calls
are a mix of real ones over the demo data. A second phase leaves the thinking out: then the queue is the answer time,
and the figure to read is the throughput. The baseline, in turns with each phase, is the same clients on a FastAPI
route that only greets.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench import scene
from bench.apps import bare
from bench.measure import Series, publish
from bench.scene import Ticket
from bench.serving import Serving
from bench.wire import Wire, checked
from bizosaas_app.kernel import resources
from tests.support.servers import Server

CLIENTS: Final = 50
ROUNDS: Final = 3
WARM_UP_SECONDS: Final = 5.0
PHASE_SECONDS: Final = 15.0
THINK_SECONDS: Final = (0.5, 1.5)
LIMIT_MS: Final = 100.0
BASELINE: Final = "bare greeting"
TENANT: Final = "acme-corp"

MIX: Final[dict[str, int]] = {"me": 25, "users": 15, "boards": 15, "board": 30, "event": 15}
"""How often each call comes, in percent."""

Ask = Callable[[Wire], Awaitable[str]]


@dataclass(slots=True)
class Tally:
    """What a phase saw: answer times in seconds by the name of the call, and how long the phase took."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    lasted: float = 0.0

    @property
    def all(self) -> list[float]:
        """Give every answer time."""
        return [value for values in self.seconds.values() for value in values]

    @property
    def per_second(self) -> float:
        """Give the answers of a second."""
        return round(len(self.all) / self.lasted, 1)

    def add(self, other: Tally) -> None:
        """Take in another phase of the same kind."""
        for name, values in other.seconds.items():
            self.seconds.setdefault(name, []).extend(values)
        self.lasted += other.lasted


class Caller:
    """Chooses the next call of the mix and makes it."""

    def __init__(self, people: Sequence[uuid.UUID]) -> None:
        self._people = people

    async def ask(self, wire: Wire) -> str:
        """Make one call, check its answer, and give the call's name."""
        name = random.choices(list(MIX), weights=list(MIX.values()))[0]
        if name == "event":
            checked(await wire.post("/api/v1/gamification/events", self._event()), 202)
        else:
            checked(await wire.get(_PATHS[name]))
        return name

    def _event(self) -> dict[str, Any]:
        user_id = str(random.choice(self._people))
        return {"event_id": str(uuid.uuid4()), "type": "task.completed", "user_id": user_id, "value": 5}


_PATHS: Final = {
    "me": "/api/v1/auth/me",
    "users": "/api/v1/users?limit=50",
    "boards": "/api/v1/gamification/leaderboards",
    "board": "/api/v1/gamification/leaderboards/points?limit=50",
}


async def greet(wire: Wire) -> str:
    """Ask the bare application."""
    checked(await wire.get(bare.HELLO))
    return BASELINE


async def run_phase(wires: Sequence[Wire], ask: Ask, *, seconds: float, thinks: bool) -> Tally:
    """Let every client ask in a loop for so many seconds."""
    tally, started = Tally(), time.perf_counter()

    async def client(wire: Wire) -> None:
        if thinks:
            await asyncio.sleep(random.uniform(0, THINK_SECONDS[1]))
        while time.perf_counter() - started < seconds:
            asked = time.perf_counter()
            name = await ask(wire)
            tally.seconds.setdefault(name, []).append(time.perf_counter() - asked)
            if thinks:
                await asyncio.sleep(random.uniform(*THINK_SECONDS))

    await asyncio.gather(*map(client, wires))
    tally.lasted = time.perf_counter() - started
    return tally


async def measure(server: Server, tickets: Sequence[Ticket], hello: Serving) -> dict[str, Tally]:
    """Run each phase against both servers, in turns."""
    caller = Caller([ticket.user_id for ticket in tickets])
    ours = [Wire(server.port, ticket.bearer) for ticket in tickets]
    theirs = [Wire(hello.port) for _ in tickets]
    await run_phase(ours, caller.ask, seconds=WARM_UP_SECONDS, thinks=False)
    tallies: dict[str, Tally] = {}
    for _ in range(ROUNDS):
        for thinks in (True, False):
            kind = "paced" if thinks else "flat out"
            for name, wires, ask in ((kind, ours, caller.ask), (f"{BASELINE}, {kind}", theirs, greet)):
                found = await run_phase(wires, ask, seconds=PHASE_SECONDS if name == kind else 5, thinks=thinks)
                tallies.setdefault(name, Tally()).add(found)
    for wire in [*ours, *theirs]:
        await wire.close()
    return tallies


async def open_tickets(server: Server) -> list[Ticket]:
    """Open the clients' sessions beside the running server, on its engines and with its keys.

    All are an administrator's, who may also list the members and record events.
    """
    settings = scene.bench_settings(server.data_dir, public_url=server.url)
    async with resources.start(settings) as held:
        tenant_id = await scene.find_tenant(held, TENANT)
        return await scene.open_sessions(held, tenant_id, emails=["admin@acme.demo"], each=CLIENTS)


def _series(tallies: dict[str, Tally]) -> list[Series]:
    flat = f"{BASELINE}, flat out"
    series = [Series(f"{BASELINE}, paced", tallies[f"{BASELINE}, paced"].all)]
    series.append(Series("all calls, paced", tallies["paced"].all, baseline=series[0].name, limit_ms=LIMIT_MS))
    for name in MIX:
        series.append(Series(f"  {name}, paced", tallies["paced"].seconds[name], limit_ms=LIMIT_MS))
    series.append(Series(flat, tallies[flat].all))
    series.append(Series("all calls, flat out", tallies["flat out"].all, baseline=flat))
    return series


def _run(data_dir: Path) -> None:
    server = Server(data_dir, BIZOSAAS_RATE_LIMIT_PER_HOUR="10000000").start()
    try:
        tickets = asyncio.run(open_tickets(server))
        with Serving("bench.apps.bare:hello", data_dir.parent / "hello.log") as hello:
            tallies = asyncio.run(measure(server, tickets, hello))
    finally:
        server.stop()
    publish(
        "api_load",
        f"The HTTP API with {CLIENTS} clients at once, one worker",
        _series(tallies),
        clients=CLIENTS,
        think_seconds=THINK_SECONDS,
        mix_percent=MIX,
        answers_per_second={name: tally.per_second for name, tally in tallies.items()},
        calls=dict(Counter({name: len(values) for name, values in tallies["paced"].seconds.items()})),
    )
    for name, tally in tallies.items():
        print(f"  {name}: {tally.per_second} answers/s")


if __name__ == "__main__":
    scene.run(_run)
