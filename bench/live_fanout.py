"""From an event posted over HTTP to every open leaderboard page, with 100 and 300 viewers.

Run as `python -m bench.live_fanout`. The whole application serves from a process of its own; the viewers are raw
clients of Reflex's socket, each with a session, on the page `/portal/leaderboard`. A time runs from the moment the
event is sent until the new rows have arrived at a viewer. All viewers live in this one process, so the last ones
also wait for the client's own parsing. The baseline is what the medium alone takes: one message published on
Valkey, received over as many connections.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import socketio
from redis.asyncio import Redis

from bench import scene
from bench.measure import Series, publish
from bench.scene import Ticket
from bench.serving import Serving
from bench.wire import Wire, checked
from bizosaas_app.gateway import relay
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.log import configure_logging
from bizosaas_app.kernel.resources import Resources
from bizosaas_app.services.gamification import boards, ledger

VIEWERS: Final = (100, 300)
MEMBERS: Final = 50
ROUNDS: Final = 30
WARM_UP: Final = 3
AIM_MS: Final = 250.0
PAGE: Final = "/portal/leaderboard"
HYDRATE: Final = "reflex___state____state.hydrate_and_load"
_PUBLIC_URL: Final = "http://localhost:3000"
_PATIENCE_SECONDS: Final = 30.0
_AT_ONCE: Final = 10
"""Viewers that open their page at the same time: the start is not what is measured."""


class Viewer:
    """One open leaderboard page; `arrived` is set when its rows have come."""

    def __init__(self, port: int, ticket: Ticket) -> None:
        self._url = f"http://localhost:{port}?token={uuid.uuid4()}"
        self._headers = {"Cookie": ticket.cookie, "Origin": _PUBLIC_URL}
        self._client = socketio.AsyncClient(reconnection=False)
        self._client.on("event", self._keep, namespace="/_event")
        self.arrived = asyncio.Event()
        self.at = 0.0

    async def open(self) -> None:
        """Open the page and wait for its first rows."""
        await self._client.connect(
            self._url,
            headers=self._headers,
            transports=["websocket"],
            socketio_path="_event",
            namespaces=["/_event"],
        )
        router = {"pathname": PAGE, "asPath": PAGE, "query": {}}
        event = {"name": HYDRATE, "payload": {}, "router_data": router}
        await self._client.emit("event", event, namespace="/_event")
        await self.wait()

    async def wait(self) -> None:
        """Wait for rows; raises `TimeoutError` when none come."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self.arrived.wait()

    async def close(self) -> None:
        """Leave the page."""
        await self._client.disconnect()

    def _keep(self, update: Any) -> None:
        delta = update.get("delta") if isinstance(update, dict) else None
        for state, changes in (delta or {}).items():
            if state.endswith("leaderboard_state") and changes.get("rows_rx_state_"):
                self.at = time.perf_counter()
                self.arrived.set()


async def _prepare(held: Resources) -> list[Ticket]:
    """Write a tenant whose members all have points, and open enough sessions."""
    tenant_id = await scene.make_tenant(held, people=MEMBERS)
    actor = Actor.system(tenant_id)
    tickets = await scene.open_sessions(held, tenant_id, each=-(-max(VIEWERS) // MEMBERS))
    members = sorted({ticket.user_id for ticket in tickets})
    events = [
        ledger.NewEvent(event_id=new_id(), type="task.completed", user_id=member, value=Decimal(10 * place))
        for place, member in enumerate(members, 1)
    ]
    async with held.database.unit_of_work(actor) as session:
        await boards.ensure_defaults(session, actor)
        await ledger.append(session, actor, events, now=utc_now(), source="service")
    return tickets


@asynccontextmanager
async def _pages(port: int, tickets: Sequence[Ticket]) -> AsyncIterator[list[Viewer]]:
    viewers = [Viewer(port, ticket) for ticket in tickets]
    async with AsyncExitStack() as stack:
        for start in range(0, len(viewers), _AT_ONCE):
            group = viewers[start : start + _AT_ONCE]
            for viewer in group:
                stack.push_async_callback(viewer.close)
            await asyncio.gather(*(viewer.open() for viewer in group))
        await asyncio.sleep(1)
        yield viewers


async def _fan_out(port: int, tickets: Sequence[Ticket], count: int) -> list[float]:
    """Post events one after the other; give the seconds until each viewer had the rows."""
    taken: list[float] = []
    wire = Wire(port, tickets[0].bearer)
    async with _pages(port, tickets[:count]) as viewers:
        for number in range(-WARM_UP, ROUNDS):
            for viewer in viewers:
                viewer.arrived.clear()
            body = {"event_id": str(new_id()), "type": "task.completed", "value": 1, "user_id": str(tickets[0].user_id)}
            sent = time.perf_counter()
            checked(await wire.post("/api/v1/gamification/events", body), 202)
            await asyncio.gather(*(viewer.wait() for viewer in viewers))
            if number >= 0:
                taken += [viewer.at - sent for viewer in viewers]
            await asyncio.sleep(0.2)
    await wire.close()
    return taken


async def _medium(redis_url: str, count: int) -> list[float]:
    """Publish on Valkey; give the seconds until each of so many connections had the message."""
    taken: list[float] = []
    client = Redis.from_url(redis_url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(client.aclose)
        listeners = [await stack.enter_async_context(client.pubsub()) for _ in range(count)]
        for listener in listeners:
            await listener.subscribe("bench")
            await listener.get_message(timeout=5)
        for _ in range(ROUNDS):
            sent = time.perf_counter()

            async def receive(listener: Any, since: float) -> float:
                while await listener.get_message(ignore_subscribe_messages=True, timeout=5) is None:
                    continue
                return time.perf_counter() - since

            waiting = [asyncio.create_task(receive(listener, sent)) for listener in listeners]
            await client.publish("bench", "moved")
            taken += await asyncio.gather(*waiting)
    return taken


async def _measure(port: int, redis_url: str, tickets: Sequence[Ticket]) -> list[Series]:
    series: list[Series] = []
    for count in VIEWERS:
        baseline = f"bare Valkey pub/sub, {count} connections"
        series.append(Series(baseline, await _medium(redis_url, count)))
        times = await _fan_out(port, tickets, count)
        series.append(Series(f"event to page, {count} viewers", times, baseline=baseline, aim_ms=AIM_MS))
    return series


async def _people(data_dir: Path) -> list[Ticket]:
    async with resources.start(scene.bench_settings(data_dir, public_url=_PUBLIC_URL)) as held, relay.running():
        return await _prepare(held)


async def _run(data_dir: Path, port: int, tickets: Sequence[Ticket]) -> list[Series]:
    """Measure beside the running server; the engines are the ones that it uses."""
    async with resources.start(scene.bench_settings(data_dir, public_url=_PUBLIC_URL)) as held:
        return await _measure(port, held.urls.redis, tickets)


def main() -> None:
    """Measure, print, keep."""
    configure_logging(as_json=False, level="ERROR")
    with scene.folder() as data_dir:
        tickets = list(itertools.islice(itertools.cycle(asyncio.run(_people(data_dir))), max(VIEWERS)))
        environment = {
            "BIZOSAAS_DATA_DIR": str(data_dir),
            "BIZOSAAS_PUBLIC_URL": _PUBLIC_URL,
            "BIZOSAAS_RATE_LIMIT_PER_HOUR": "10000000",
        }
        with Serving("bench.apps.gateway:build", data_dir.parent / "server.log", **environment) as server:
            series = asyncio.run(_run(data_dir, server.port, tickets))
    publish("live_fanout", "From an event over HTTP to every open leaderboard page", series)


if __name__ == "__main__":
    main()
