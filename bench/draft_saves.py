"""Fifty people in a wizard at once, each with a draft of an own: how long a save of one field takes over HTTP.

As in `api_load`, each has a session and a connection of their own and thinks for a second before the next field; a
second phase leaves the thinking out. A save reads the draft under its lock, judges every answer, writes and gives the
draft back; the baseline, in turns with each phase, is a bare read of the same drafts by the same people.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

from bench import scene
from bench.api_load import Tally, run_phase
from bench.measure import Series, publish
from bench.scene import Ticket
from bench.wire import Wire, checked
from bizosaas_app.kernel import resources
from tests.support.servers import Server

CLIENTS: Final = 50
ROUNDS: Final = 3
WARM_UP_SECONDS: Final = 5.0
PHASE_SECONDS: Final = 10.0
LIMIT_MS: Final = 100.0
"""What the HTTP API holds to with fifty people at work."""
WIZARD: Final = "campaign"
SAVE, READ = "save of a field", "bare read of the draft"
ANSWERS: Final = {"name": "Spring", "goal": "Sell what is left of the winter", "roles": ["user"], "activity": "active"}
"""What stands in each draft before: a step that is half filled in."""


class Drafts:
    """Every person's open draft, by their connection."""

    def __init__(self) -> None:
        self._drafts: dict[Wire, dict[str, Any]] = {}
        self._turn = count()

    async def open(self, wire: Wire) -> None:
        """Open a draft and fill it in halfway."""
        view = json.loads(checked(await wire.post(f"/api/v1/wizards/{WIZARD}/draft", {})))
        self._drafts[wire] = view
        await self._save(wire, ANSWERS)

    async def save(self, wire: Wire) -> str:
        """Save another text in one field."""
        await self._save(wire, {"goal": f"Sell what is left of the winter, {next(self._turn)}"})
        return SAVE

    async def read(self, wire: Wire) -> str:
        """Read the draft."""
        checked(await wire.get(self._path(wire)))
        return READ

    async def _save(self, wire: Wire, answers: dict[str, Any]) -> None:
        asked = {"seen": self._drafts[wire]["version"], "answers": answers}
        self._drafts[wire] = json.loads(checked(await wire.patch(self._path(wire), asked)))

    def _path(self, wire: Wire) -> str:
        return f"/api/v1/wizards/drafts/{self._drafts[wire]['draft_id']}"


async def measure(server: Server, tickets: Sequence[Ticket]) -> dict[str, Tally]:
    """Run each phase with saves and with reads, in turns."""
    drafts, tallies = Drafts(), dict[str, Tally]()
    wires = [Wire(server.port, ticket.bearer) for ticket in tickets]
    for wire in wires:
        await drafts.open(wire)
    await run_phase(wires, drafts.save, seconds=WARM_UP_SECONDS, thinks=False)
    for _ in range(ROUNDS):
        for thinks in (True, False):
            for name, ask in ((READ, drafts.read), (SAVE, drafts.save)):
                found = await run_phase(wires, ask, seconds=PHASE_SECONDS, thinks=thinks)
                tallies.setdefault(f"{name}, {_pace(thinks=thinks)}", Tally()).add(found)
    for wire in wires:
        await wire.close()
    return tallies


def _pace(*, thinks: bool) -> str:
    return "paced" if thinks else "flat out"


async def open_tickets(server: Server) -> list[Ticket]:
    """Make a tenant of so many administrators and open a session for each."""
    settings = scene.bench_settings(server.data_dir, public_url=server.url)
    async with resources.start(settings) as held:
        tenant_id = await scene.make_tenant(held, people=CLIENTS)
        return await scene.open_sessions(held, tenant_id)


def _series(tallies: dict[str, Tally]) -> list[Series]:
    series: list[Series] = []
    for pace, limit in ((_pace(thinks=True), LIMIT_MS), (_pace(thinks=False), None)):
        base = f"{READ}, {pace}"
        series.append(Series(base, tallies[base].all))
        series.append(Series(f"{SAVE}, {pace}", tallies[f"{SAVE}, {pace}"].all, baseline=base, limit_ms=limit))
    return series


def _run(data_dir: Path) -> None:
    server = Server(data_dir, BIZOSAAS_RATE_LIMIT_PER_HOUR="10000000").start()
    try:
        tallies = asyncio.run(measure(server, asyncio.run(open_tickets(server))))
    finally:
        server.stop()
    per_second = {name: tally.per_second for name, tally in tallies.items()}
    title = f"Draft saves of {CLIENTS} people at once, one worker"
    publish("draft_saves", title, _series(tallies), clients=CLIENTS, answers_per_second=per_second)


if __name__ == "__main__":
    scene.run(_run)
