"""Open pages in miniature: who follows a live board, and what they were shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bizosaas_app.gateway import leaderboards, live
from bizosaas_app.gateway.contracts.leaderboards import BoardView, ReadBoard
from bizosaas_app.gateway.live import LiveHub
from bizosaas_app.kernel import tasks
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import ledger
from tests.support.boards import Arena, event, until


@pytest.fixture
async def hub(arena: Arena, running_relay: object) -> AsyncIterator[LiveHub]:
    """A worker's hub beside its relay."""
    async with live.running() as value:
        await until(lambda: value.connection == "live")
        yield value


class Follower:
    """An open page: what it was shown, the latest last."""

    def __init__(self) -> None:
        self.views: list[BoardView] = []
        self.is_over = False

    @property
    def rows(self) -> list[tuple[int, str, float]]:
        return [(entry.rank, entry.display_name, entry.score) for entry in self.views[-1].entries]

    async def sees(self, *rows: tuple[int, str, float]) -> None:
        await until(lambda: bool(self.views) and self.rows == list(rows))


@asynccontextmanager
async def following(actor: Actor, **wanted: Any) -> AsyncIterator[Follower]:
    follower = Follower()

    async def follow() -> None:
        async for view in leaderboards.watch_board(actor, ReadBoard(**{"key": "points", "window": "all", **wanted})):
            follower.views.append(view)
        follower.is_over = True

    task = asyncio.create_task(follow())
    await until(lambda: bool(follower.views) or task.done())
    yield follower
    await tasks.end(task)


async def record(arena: Arena, email: str, value: float, **fields: Any) -> ledger.NewEvent:
    """Append as a request does: the relay is kicked by the commit."""
    actor = arena.world.system()
    new = event(arena.person(email), value, **fields)
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await ledger.append(session, actor, [new], now=utc_now(), source="api")
    return new
