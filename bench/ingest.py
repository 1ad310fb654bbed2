"""Recording events: one at a time and 500 at a time, over HTTP and as the gateway's operation, beside a plain INSERT.

The baseline writes the same rows into the same ledger and nothing else: no admission, no boards, no achievements, no
rollups, no news. All of them run in turns against one server with the demo data; a row of the baseline belongs to the
same members. Events per second are those of one client that waits for each answer.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from bench import scene
from bench.measure import Series, publish, time_in_turns
from bench.scene import Ticket
from bench.wire import Wire, checked
from bizosaas_app.gateway import events
from bizosaas_app.gateway.contracts.events import RecordEvents
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import Resources
from tests.support.servers import Server

TENANT: Final = "acme-corp"
BATCH: Final = 500
BATCHES: Final = 40
SINGLES: Final = 400
PATH: Final = "/api/v1/gamification/events"
TYPES: Final = ("task.completed", "social.posted", "content.published", "order.completed", "lead.won")

_INSERT: Final = text("""
INSERT INTO gamification_events
    (tenant_id, event_id, type, user_id, value, properties, occurred_at, received_at, source)
SELECT :tenant_id, t.event_id, t.type, t.user_id, t.value, '{}', t.occurred_at, :now, 'service'
FROM unnest(
    CAST(:event_ids AS uuid[]), CAST(:types AS text[]), CAST(:user_ids AS uuid[]), CAST(:values AS numeric[]),
    CAST(:moments AS timestamptz[])
) AS t (event_id, type, user_id, value, occurred_at)
""")

Work = Callable[[], Awaitable[Any]]


class Sender:
    """Makes events of a tenant's members, spread over the last month, and sends them in each of the ways."""

    def __init__(self, held: Resources, wire: Wire, tickets: list[Ticket]) -> None:
        self._held = held
        self._wire = wire
        self._people = [ticket.user_id for ticket in tickets]
        self._actor = Actor.system(tickets[0].tenant_id)

    def _make(self, count: int) -> list[dict[str, Any]]:
        now = utc_now()
        return [
            {
                "event_id": uuid.uuid4(),
                "type": random.choice(TYPES),
                "user_id": random.choice(self._people),
                "value": random.randint(1, 50),
                "occurred_at": now - timedelta(minutes=random.randrange(30 * 24 * 60)),
            }
            for _ in range(count)
        ]

    async def insert(self, count: int) -> None:
        """Write the rows and nothing else."""
        made = self._make(count)
        values = {
            "tenant_id": self._actor.tenant_id,
            "now": utc_now(),
            "event_ids": [item["event_id"] for item in made],
            "types": [item["type"] for item in made],
            "user_ids": [item["user_id"] for item in made],
            "values": [Decimal(item["value"]) for item in made],
            "moments": [item["occurred_at"] for item in made],
        }
        async with self._held.database.unit_of_work(self._actor) as session:
            await session.execute(_INSERT, values)

    async def operate(self, count: int) -> None:
        """Call the gateway's operation in this process."""
        done = await events.record_events(self._actor, RecordEvents.model_validate({"events": self._make(count)}))
        assert done.accepted == count, done

    async def send(self, count: int) -> None:
        """Send them over HTTP to the server."""
        made = [
            {**item, **{name: str(item[name]) for name in ("event_id", "user_id")}, "occurred_at": _text(item)}
            for item in self._make(count)
        ]
        answer = checked(await self._wire.post(PATH, {"events": made} if count > 1 else made[0]), 202)
        assert answer is not None

    def ways(self, count: int) -> Mapping[str, Work]:
        """Give each way of sending so many events, by its name."""
        return {
            f"plain INSERT of {count}": lambda: self.insert(count),
            f"operation, {count}": lambda: self.operate(count),
            f"HTTP, {count}": lambda: self.send(count),
        }


def _text(item: Mapping[str, Any]) -> str:
    return str(item["occurred_at"].isoformat())


async def _measure(server: Server) -> dict[int, dict[str, list[float]]]:
    settings = scene.bench_settings(server.data_dir, public_url=server.url)
    async with resources.start(settings) as held:
        tenant_id = await scene.find_tenant(held, TENANT)
        (admin,) = await scene.open_sessions(held, tenant_id, emails=["admin@acme.demo"])
        everybody = await scene.open_sessions(held, tenant_id)
        wire = Wire(server.port, admin.bearer)
        sender = Sender(held, wire, everybody)
        found = {
            1: await time_in_turns(sender.ways(1), times=SINGLES),
            BATCH: await time_in_turns(sender.ways(BATCH), times=BATCHES, warm_up=3),
        }
        await wire.close()
    return found


def _series(times: Mapping[int, Mapping[str, list[float]]]) -> list[Series]:
    made: list[Series] = []
    for count, by_way in times.items():
        baseline = next(iter(by_way))
        for name, seconds in by_way.items():
            figures = {"events_per_second": round(count / statistics.median(seconds))}
            made.append(Series(name, seconds, baseline=None if name == baseline else baseline, figures=figures))
    return made


def _run(data_dir: Path) -> None:
    server = Server(data_dir, BIZOSAAS_RATE_LIMIT_PER_HOUR="10000000").start()
    try:
        series = _series(asyncio.run(_measure(server)))
    finally:
        server.stop()
    publish("ingest", "Recording events, one client, demo tenant with its boards and achievements", series)
    for item in series:
        print(f"  {item.name}: {item.figures['events_per_second']:.0f} events/s")


if __name__ == "__main__":
    scene.run(_run)
