"""What the tests of the ledger and the leaderboards share: recording, delivering and comparing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from bizosaas_app.gateway import relay as relay_module
from bizosaas_app.gateway.http import events as http_events
from bizosaas_app.gateway.http import leaderboards as http_leaderboards
from bizosaas_app.gateway.http.errors import install_error_handlers
from bizosaas_app.gateway.relay import Relay
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification import boards, ledger, projector, standings, standings_fill
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.entries import Place
from bizosaas_app.services.gamification.ledger import Appended, NewEvent
from bizosaas_app.services.gamification.tallies import Tally
from models import Leaderboard, LeaderboardEntry
from tests.support.world import World

MIA, NOAH, OLGA, GUS = "mia@acme.example", "noah@acme.example", "olga@acme.example", "gus@globex.example"


def event(user_id: UUID | None, value: float | str | Decimal | None = 1, **fields: Any) -> NewEvent:
    """Make an event with a fresh id."""
    return NewEvent(
        **{
            "event_id": uuid4(),
            "type": "task.completed",
            "user_id": user_id,
            "value": None if value is None else Decimal(str(value)),
            **fields,
        }
    )


@dataclass
class Arena:
    """Acme and globex with their default boards, and a relay that delivers when it is told to."""

    world: World
    relay: Relay

    @property
    def cache(self) -> Cache:
        return self.world.resources.cache

    def person(self, email: str) -> UUID:
        return self.world.people[email]

    async def append(self, *events: NewEvent, slug: str = "acme-corp", now: datetime | None = None) -> Appended:
        """Append in one transaction, and deliver."""
        actor = self.world.system(slug)
        async with self.world.resources.database.unit_of_work(actor) as session:
            done = await ledger.append(session, actor, list(events), now=now or utc_now(), source="service")
        await self.relay.drain()
        return done

    async def score(self, email: str, value: float | str, **fields: Any) -> UUID:
        """Record one event of a member; give its id."""
        new = event(self.person(email), value, **fields)
        done = await self.append(new, slug=self._slug(email))
        assert done.accepted == 1, done
        return new.event_id

    async def reverse(self, event_id: UUID, *, slug: str = "acme-corp") -> ledger.Reversal:
        actor = self.world.system(slug)
        async with self.world.resources.database.unit_of_work(actor) as session:
            done = await ledger.reverse(session, actor, event_id, reason="refund", now=utc_now())
        await self.relay.drain()
        return done

    async def board(self, key: str = "points", *, slug: str = "acme-corp") -> Board:
        actor = self.world.system(slug)
        async with self.world.resources.database.unit_of_work(actor) as session:
            return await boards.get_board(session, actor, key)

    async def define(self, key: str, *, slug: str = "acme-corp", **columns: Any) -> Board:
        """Add a board of the test's own."""
        actor = self.world.system(slug)
        async with self.world.resources.database.unit_of_work(actor) as session:
            session.add(Leaderboard(tenant_id=actor.tenant_id, key=key, title=key.title(), **columns))
        return await self.board(key, slug=slug)

    async def entries(self, board: Board) -> dict[Place, Tally]:
        """What PostgreSQL holds of a board."""
        query = select(LeaderboardEntry).where(LeaderboardEntry.leaderboard_id == board.id)
        async with self.world.resources.database.unit_of_work(Actor.system(board.tenant_id)) as session:
            rows = (await session.execute(query)).scalars()
            return {
                Place(row.leaderboard_id, row.period, row.user_id): Tally(row.score, row.reached_at, row.events)
                for row in rows
            }

    async def recount(self, board: Board) -> dict[Place, Tally]:
        """What the ledger alone says of a board."""
        async with self.world.resources.database.unit_of_work(Actor.system(board.tenant_id)) as session:
            return await projector.recount(session, board)

    async def ranked(self, board: Board, period: str = "all") -> list[tuple[int, UUID, Decimal]]:
        """What Valkey says: (rank, user, score) from the top; makes the copy when there is none."""
        copy = await standings.copy_of(self.cache, board, period, now=utc_now())
        found = await standings.read(self.cache, copy, limit=200)
        if found is None:
            async with self.world.resources.database.unit_of_work(Actor.system(board.tenant_id)) as session:
                await standings_fill.fill(session, self.cache, copy)
            found = await standings.read(self.cache, copy, limit=200)
        assert found is not None
        assert found.total == len(found.rows)
        return [(row.rank, row.user_id, row.score) for row in found.rows]

    async def owed(self, slug: str = "acme-corp") -> int:
        """How many outbox rows wait in a tenant."""
        async with self.world.resources.database.unit_of_work(self.world.system(slug)) as session:
            return int((await session.execute(text("select count(*) from outbox"))).scalar_one())

    def _slug(self, email: str) -> str:
        tenant_id = self.world.tenant_of(email)
        return next(slug for slug, known in self.world.tenants.items() if known == tenant_id)


@pytest.fixture
async def arena(world: World) -> AsyncIterator[Arena]:
    """The cast with its boards; nothing is delivered but by `drain`."""
    for slug in ("acme-corp", "globex"):
        actor = world.system(slug)
        async with world.resources.database.unit_of_work(actor) as session:
            await boards.ensure_defaults(session, actor)
    relay = Relay(world.resources)
    await relay.drain()
    yield Arena(world, relay)
    await relay.close()


@pytest.fixture
async def running_relay(arena: Arena) -> AsyncIterator[Relay]:
    """The relay as a worker runs it: kicked by every commit."""
    async with relay_module.running() as relay:
        yield relay


def scores(entries: Mapping[Place, Tally], period: str = "all") -> dict[UUID, Decimal]:
    """Give the scores of one period by user."""
    return {place.user_id: tally.score for place, tally in entries.items() if place.period == period}


def ago(**span: float) -> datetime:
    """Give a moment in the past, to the second."""
    return (datetime.now(UTC) - timedelta(**span)).replace(microsecond=0)


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait for something that another task brings about; the time-out only ends a hang."""
    async with asyncio.timeout(20):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


def gamification_api() -> FastAPI:
    """The routes of the ledger and the leaderboards under their real paths."""
    api = FastAPI()
    install_error_handlers(api)
    api.include_router(http_events.router, prefix="/api/v1/gamification/events")
    api.include_router(http_leaderboards.router, prefix="/api/v1/gamification/leaderboards")
    return api


class Client:
    """Somebody who calls the API with a token."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        transport = httpx.ASGITransport(gamification_api(), client=("198.51.100.7", 50_000))
        self.http = httpx.AsyncClient(
            transport=transport, base_url="http://localhost:8000/api/v1/gamification", headers=headers, timeout=60
        )

    @classmethod
    async def of(cls, arena: Arena, email: str) -> Client:
        return cls((await arena.world.sign_in(email)).headers)

    async def post(self, path: str, body: Any) -> httpx.Response:
        return await self.http.post(path, json=body)

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def patch(self, path: str, body: Any) -> httpx.Response:
        return await self.http.patch(path, json=body)

    async def put(self, path: str, body: Any) -> httpx.Response:
        return await self.http.put(path, json=body)


def event_body(user_id: UUID | None = None, value: Any = 1, **fields: Any) -> dict[str, Any]:
    """An event as a sender writes it."""
    body = {"event_id": str(uuid4()), "type": "task.completed", "value": value, **fields}
    return body if user_id is None else {**body, "user_id": str(user_id)}
