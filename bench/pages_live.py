"""300 open leaderboards, and 50 people who click through the pages beside them: what a click takes, a client weighs.

Clicks are the browser's own events over its socket: opening a page, sorting, filtering, turning pages. A time runs
from the event until the update that carries what it asked for. Scores come in meanwhile, so that the boards are live.
The baseline of the same run is one handler of a bare Reflex application that counts, with as many idle sockets and as
many people clicking; and the clicks on ours with nobody else there tell what the 300 add.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from bench import scene
from bench.apps import clicker
from bench.live_viewers import EVENTS, Scores, open_tickets, pages, processes_at
from bench.measure import Series, publish
from bench.scene import Ticket
from bench.serving import Serving
from bench.sockets import Tab
from bench.wire import Wire, checked
from state.achievements import AchievementsState
from state.home import PortalHomeState
from state.leaderboard import LeaderboardState
from state.members import MembersState
from state.notifications import NotificationsState
from tests.support.servers import Server

VIEWERS: Final = int(os.environ.get("BENCH_VIEWERS", "300"))
CLICKERS: Final = int(os.environ.get("BENCH_CLICKERS", "50"))
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "3"))
"""How often each person goes through all pages."""
THINKING_SECONDS: Final = (0.5, 2.5)
SCORE_EVERY_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 20.0
AIM_MS: Final = 200.0
_AT_ONCE: Final = 10
OPENING, CLICKING = "opening a page", "sorting, filtering, turning pages"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a person does: open a page, or call a handler on it; `sign` is a variable of the answer."""

    page: str
    state: str
    sign: str
    handler: str = ""
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Name the series that its time belongs to."""
        return CLICKING if self.handler else OPENING

    def is_answered_by(self, text: bytes) -> bool:
        """Say whether an update carries what was asked for."""
        return f'"{self.state}":'.encode() in text and f'"{self.sign}_rx_state_"'.encode() in text


def _steps(page: str, state: Any, sign: str, *acts: tuple[str, dict[str, Any]]) -> list[Step]:
    name = state.get_full_name()
    return [Step(page, name, sign), *(Step(page, name, sign, handler, given) for handler, given in acts)]


MEMBER: Final = [
    *_steps("/portal", PortalHomeState, "around"),
    *_steps("/portal/achievements", AchievementsState, "shelves", ("choose_status", {"status": "unlocked"})),
    *_steps("/portal/notifications", NotificationsState, "rows", ("choose_shown", {"shown": "unread"})),
    *_steps("/portal/leaderboard", LeaderboardState, "rows", ("choose_window", {"window": "week"})),
]
ADMINISTRATOR: Final = [
    *_steps(
        "/admin/users",
        MembersState,
        "rows",
        ("sort_by", {"name": "email"}),
        ("next_page", {}),
        ("previous_page", {}),
        ("choose_filter", {"name": "role", "value": "user"}),
        ("search", {"query": "a"}),
        ("clear_search", {}),
    ),
    *_steps("/portal", PortalHomeState, "around"),
]
COUNTING: Final = [Step("/", clicker.ClickerState.get_full_name(), "clicks", "click")] * len(MEMBER)


class Person:
    """One tab, and what its answers took."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.taken: dict[str, list[float]] = {OPENING: [], CLICKING: []}
        self.unanswered: list[str] = []
        self._steps = steps
        self._tab = Tab(self._hear)
        self._waits_for: Step | None = None
        self._answered = asyncio.Event()
        self._at = 0.0

    async def open(self, port: int, cookie: str) -> None:
        """Come to the first page."""
        await self._tab.open(port, self._steps[0].page, cookie=cookie, origin=f"http://localhost:{port}")

    def leave(self) -> None:
        """Close the tab."""
        self._tab.close()

    async def go_through(self) -> None:
        """Do everything, with time to think before each step."""
        for step in self._steps:
            await asyncio.sleep(random.uniform(*THINKING_SECONDS))
            await self._do(step)

    async def _do(self, step: Step) -> None:
        self._waits_for = step
        self._answered.clear()
        started = time.perf_counter()
        if step.handler:
            self._tab.act(f"{step.state}.{step.handler}", step.page, step.given)
        else:
            self._tab.go(step.page)
        try:
            await asyncio.wait_for(self._answered.wait(), PATIENCE_SECONDS)
        except TimeoutError:
            self.unanswered.append(f"{step.page} {step.handler}")
        else:
            self.taken[step.kind].append(self._at - started)

    def _hear(self, text: bytes, now: float) -> None:
        if self._waits_for is not None and self._waits_for.is_answered_by(text):
            self._waits_for, self._at = None, now
            self._answered.set()


async def click(port: int, visits: Sequence[tuple[str, list[Step]]]) -> tuple[dict[str, list[float]], list[str]]:
    """Have people go through the pages together; give the times by kind, and what was not answered."""
    people = [Person(steps * ROUNDS) for _, steps in visits]
    for start in range(0, len(people), _AT_ONCE):
        some = zip(people[start : start + _AT_ONCE], visits[start : start + _AT_ONCE], strict=True)
        await asyncio.gather(*(person.open(port, cookie) for person, (cookie, _) in some))
    try:
        await asyncio.gather(*(person.go_through() for person in people))
    finally:
        for person in people:
            person.leave()
    taken = {kind: [one for person in people for one in person.taken[kind]] for kind in (OPENING, CLICKING)}
    return taken, [name for person in people for name in person.unanswered]


@asynccontextmanager
async def scoring(wire: Wire) -> AsyncIterator[None]:
    """Post a score every second for as long as the block runs."""
    scores = await Scores.read(wire)

    async def post() -> None:
        while True:
            checked(await wire.post(EVENTS, scores.next()[0]), 202)
            await asyncio.sleep(SCORE_EVERY_SECONDS)

    task = asyncio.create_task(post())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def idle(port: int, count: int) -> AsyncIterator[None]:
    """Hold so many tabs of the bare application open."""
    tabs = [Tab(lambda _, __: None) for _ in range(count)]
    for start in range(0, count, _AT_ONCE):
        some = tabs[start : start + _AT_ONCE]
        await asyncio.gather(*(tab.open(port, "/", cookie="", origin=f"http://localhost:{port}") for tab in some))
    try:
        yield
    finally:
        for tab in tabs:
            tab.close()


def memory(processes: Sequence[psutil.Process]) -> float:
    """Give the resident memory of a server's processes in megabytes."""
    return sum(process.memory_info().rss for process in processes) / 1e6


class Stage:
    """Both servers, the people and their sessions."""

    def __init__(self, server: Server, bare: Serving, tickets: Sequence[Ticket], admin: Ticket) -> None:
        self._server, self._bare, self._tickets, self._admin = server, bare, tickets, admin
        self._processes = processes_at(server.port)
        self.series: list[Series] = []
        self.unanswered: list[str] = []
        self.facts: dict[str, Any] = {"viewers": VIEWERS, "people": CLICKERS}

    async def run(self) -> None:
        """Measure the bare application, then ours alone, then ours beside the open boards."""
        baseline = "a bare handler, as many sockets"
        async with idle(self._bare.port, VIEWERS):
            taken, missed = await click(self._bare.port, [("", COUNTING)] * CLICKERS)
        self._note({baseline: taken[CLICKING]}, missed, None)
        taken, missed = await click(self._server.port, self._visits())
        self._note({f"{kind}, nobody else there": times for kind, times in taken.items()}, missed, baseline)
        before = memory(self._processes)
        async with pages(self._server, self._tickets, VIEWERS):
            self.facts["megabytes_a_client"] = round((memory(self._processes) - before) / VIEWERS, 3)
            async with scoring(Wire(self._server.port, self._admin.bearer)):
                taken, missed = await click(self._server.port, self._visits())
        self.facts["megabytes_at_the_end"] = round(memory(self._processes), 1)
        beside = {f"{kind}, beside {VIEWERS} boards": times for kind, times in taken.items()}
        self._note(beside, missed, baseline, aim_ms=AIM_MS)

    def _visits(self) -> list[tuple[str, list[Step]]]:
        """Every fifth is an administrator."""
        members = [ticket for ticket in self._tickets if ticket.email != self._admin.email]
        return [
            (self._admin.cookie, ADMINISTRATOR) if number % 5 == 0 else (members[number % len(members)].cookie, MEMBER)
            for number in range(CLICKERS)
        ]

    def _note(
        self, taken: dict[str, list[float]], missed: list[str], baseline: str | None, *, aim_ms: float | None = None
    ) -> None:
        self.series += [Series(name, times, baseline=baseline, aim_ms=aim_ms) for name, times in taken.items()]
        self.unanswered += missed


async def _stages(server: Server, bare: Serving) -> None:
    tickets, admin = await open_tickets(server)
    stage = Stage(server, bare, tickets, admin)
    await stage.run()
    facts = {**stage.facts, "unanswered": len(stage.unanswered)}
    publish("pages_live", "Clicks beside open leaderboards", stage.series, **facts)
    print(f"  {json.dumps(facts)}")
    for name in sorted(set(stage.unanswered)):
        print(f"  not answered {stage.unanswered.count(name)} times: {name}")


def _run(data_dir: Path) -> None:
    limits = {"BIZOSAAS_RATE_LIMIT_PER_HOUR": "10000000", "BIZOSAAS_UI_LIMIT_PER_HOUR": "10000000"}
    server = Server(data_dir, **limits).start()
    try:
        with Serving("bench.apps.clicker:build", data_dir.parent / "clicker.log") as bare:
            asyncio.run(_stages(server, bare))
    finally:
        server.stop()


if __name__ == "__main__":
    scene.run(_run)
