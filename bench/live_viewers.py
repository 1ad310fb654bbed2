"""From a score event posted over HTTP to every open leaderboard page: 100 viewers, then 300.

The server is the whole application in a process of its own; the viewers are raw clients of Reflex's socket with a
session each, spread over a tenant's members, on `/portal/leaderboard`. A time runs from the first byte of the POST to
the last byte of the update that carries the new score, for every viewer. The baseline, in turns, is the same number
of clients on a bare server that hands the bytes of such an update from a POST through Valkey's pub/sub to all of them.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import psutil

from bench import scene
from bench.apps import fanout
from bench.measure import Series, publish
from bench.scene import Ticket
from bench.serving import Serving
from bench.sockets import Socket, Tab, open_socket
from bench.wire import Wire, checked
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.embedded import valkey
from bizosaas_app.kernel.embedded.valkey import ValkeyPaths
from state import words
from tests.support.servers import Server

VIEWERS: Final = (100, 300)
ROUNDS: Final = 25
AIM_MS: Final = 250.0
PAGE: Final = "/portal/leaderboard"
BOARD: Final = "/api/v1/gamification/leaderboards/points?limit=200"
EVENTS: Final = "/api/v1/gamification/events"
TENANT: Final = "acme-corp"
_AT_ONCE: Final = 10
"""Pages opened at a time: how fast they open is not what is measured."""
_PATIENCE_SECONDS: Final = 20.0
_PAUSE_SECONDS: Final = (0.3, 0.6)
_ROWS: Final = b'"rows_rx_state_"'


@dataclass(slots=True)
class Audience:
    """Everybody who waits for one and the same update: `sign` is the text that only this update has."""

    size: int
    sign: bytes = b"\0"
    started: float = 0.0
    arrived: dict[int, float] = field(default_factory=dict)
    complete: asyncio.Event = field(default_factory=asyncio.Event)
    sample: bytes = b""

    def hear(self, viewer: int, text: bytes, now: float) -> None:
        """Note the arrival at one viewer."""
        if viewer not in self.arrived and self.sign in text:
            self.arrived[viewer], self.sample = now - self.started, text
            if len(self.arrived) == self.size:
                self.complete.set()

    async def time(self, sign: bytes, post: Callable[[], Awaitable[object]]) -> list[float]:
        """Post, wait for all, and give the seconds until each arrival; who saw nothing in time is left out."""
        self.sign, self.arrived = sign, {}
        self.complete.clear()
        self.started = time.perf_counter()
        posted = asyncio.ensure_future(post())
        try:
            await asyncio.wait_for(self.complete.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            print(f"  {self.size - len(self.arrived)} of {self.size} viewers saw nothing", flush=True)
        await posted
        return list(self.arrived.values())


class Scores:
    """The board's members with their scores, so that the text of the next score is known before it is posted."""

    def __init__(self, scores: dict[str, int]) -> None:
        self._scores = scores
        self._used = {words.number(score) for score in scores.values()}

    @classmethod
    async def read(cls, wire: Wire) -> Scores:
        """Read the board and whose rows are on it; names are unique in the demo's cast."""
        people = json.loads(checked(await wire.get("/api/v1/users?limit=200")))["items"]
        ids = {person["name"]: person["id"] for person in people}
        entries = json.loads(checked(await wire.get(BOARD)))["entries"]
        return cls({ids[entry["display_name"]]: int(entry["score"]) for entry in entries[:50]})

    def next(self) -> tuple[dict[str, Any], bytes]:
        """Give an event, and the text in the update that follows it."""
        user_id = random.choice(list(self._scores))
        value = next(value for value in iter(partial(random.randint, 5, 200), None) if self._is_new(user_id, value))
        self._scores[user_id] += value
        shown = words.number(self._scores[user_id])
        self._used.add(shown)
        event = {"event_id": str(uuid.uuid4()), "type": "task.completed", "user_id": user_id, "value": value}
        return event, f'"{shown}"'.encode()

    def _is_new(self, user_id: str, value: int) -> bool:
        return words.number(self._scores[user_id] + value) not in self._used


@asynccontextmanager
async def pages(server: Server, tickets: Sequence[Ticket], count: int) -> AsyncIterator[Audience]:
    """Hold so many leaderboard pages open, each with its rows on it."""
    audience, shown = Audience(count), [asyncio.Event() for _ in range(count)]

    def hear(viewer: int, text: bytes, now: float) -> None:
        if _ROWS in text:
            shown[viewer].set()
        audience.hear(viewer, text, now)

    tabs = [Tab(partial(hear, viewer)) for viewer in range(count)]
    people = itertools.cycle(tickets)
    for start in range(0, count, _AT_ONCE):
        some = range(start, min(start + _AT_ONCE, count))
        cookies = [next(people).cookie for _ in some]
        await asyncio.gather(
            *(
                tabs[at].open(server.port, PAGE, cookie=cookie, origin=server.url)
                for at, cookie in zip(some, cookies, strict=True)
            )
        )
        await asyncio.wait_for(asyncio.gather(*(shown[at].wait() for at in some)), 60)
    try:
        yield audience
    finally:
        for tab in tabs:
            tab.close()


@asynccontextmanager
async def bare_sockets(port: int, count: int) -> AsyncIterator[Audience]:
    """Hold so many sockets to the bare server open."""
    audience = Audience(count)

    def hear(viewer: int, _: Socket, text: bytes, now: float) -> None:
        audience.hear(viewer, text, now)

    sockets = [await open_socket(port, fanout.SOCKET, partial(hear, viewer)) for viewer in range(count)]
    try:
        yield audience
    finally:
        for socket in sockets:
            socket.close()


class Stage:
    """One number of viewers in front of both servers."""

    def __init__(self, server: Server, bare: Serving, tickets: Sequence[Ticket], admin: Ticket) -> None:
        self._server = server
        self._processes = processes_at(server.port)
        self._bare = bare
        self._tickets = tickets
        self._wire = Wire(server.port, admin.bearer)
        self._bare_wire = Wire(bare.port)

    async def run(self, count: int) -> tuple[list[Series], dict[str, Any]]:
        """Time an event for the pages, then its bytes for the bare sockets, again and again."""
        ours: list[float] = []
        theirs: list[float] = []
        cpu: list[float] = []
        scores = await Scores.read(self._wire)
        async with (
            pages(self._server, self._tickets, count) as viewers,
            bare_sockets(self._bare.port, count) as sockets,
        ):
            await self._one(viewers, scores)
            for _ in range(ROUNDS):
                before = cpu_seconds(self._processes)
                ours += await self._one(viewers, scores)
                cpu.append(cpu_seconds(self._processes) - before)
                theirs += await self._echo(sockets, viewers.sample)
                await asyncio.sleep(random.uniform(*_PAUSE_SECONDS))
            size = len(viewers.sample)
        baseline = f"bare fan-out of the same bytes, {count}"
        series = [
            Series(baseline, theirs),
            Series(f"event to page, {count} viewers", ours, baseline=baseline, aim_ms=AIM_MS),
        ]
        return series, {
            "viewers": count,
            "events": ROUNDS,
            "update_bytes": size,
            "updates_missed": ROUNDS * count - len(ours),
            "server_cpu_ms_a_viewer": round(statistics.median(cpu) / count * 1000, 3),
        }

    async def _one(self, viewers: Audience, scores: Scores) -> list[float]:
        event, sign = scores.next()

        async def post() -> None:
            checked(await self._wire.post(EVENTS, event), 202)

        return await viewers.time(sign, post)

    async def _echo(self, sockets: Audience, update: bytes) -> list[float]:
        sign = uuid.uuid4().hex.encode()

        async def post() -> None:
            checked(await self._bare_wire.post(fanout.POST, (update + sign).decode()), 202)

        return await sockets.time(sign, post)


def processes_at(port: int) -> list[psutil.Process]:
    """List the processes that listen on a port: the server and its workers."""
    sockets = psutil.net_connections("tcp")
    listening = {item.pid for item in sockets if item.status == psutil.CONN_LISTEN and tuple(item.laddr)[1:] == (port,)}
    return [psutil.Process(pid) for pid in listening if pid is not None]


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """Give the processor time that these processes have used."""
    times = [process.cpu_times() for process in processes]
    return sum(one.user + one.system for one in times)


async def open_tickets(server: Server) -> tuple[list[Ticket], Ticket]:
    """Open a session for every member beside the running server, and one for the administrator who posts."""
    settings = scene.bench_settings(server.data_dir, public_url=server.url)
    async with resources.start(settings) as held:
        tickets = await scene.open_sessions(held, await scene.find_tenant(held, TENANT))
    return tickets, next(ticket for ticket in tickets if ticket.email == "admin@acme.demo")


async def _stages(server: Server, bare: Serving) -> None:
    tickets, admin = await open_tickets(server)
    stage = Stage(server, bare, tickets, admin)
    series: list[Series] = []
    facts: list[dict[str, Any]] = []
    for count in VIEWERS:
        found, told = await stage.run(count)
        series += found
        facts.append(told)
    publish("live_viewers", "From an event over HTTP to every open leaderboard page", series, stages=facts)
    for told in facts:
        print(f"  {told}")


def _run(data_dir: Path) -> None:
    server = Server(data_dir, BIZOSAAS_RATE_LIMIT_PER_HOUR="10000000").start()
    try:
        url = valkey.url(ValkeyPaths.under(data_dir))
        with Serving("bench.apps.fanout:build", data_dir.parent / "fanout.log", BENCH_VALKEY=url) as bare:
            asyncio.run(_stages(server, bare))
    finally:
        server.stop()


if __name__ == "__main__":
    scene.run(_run)
