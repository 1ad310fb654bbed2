"""What the tests of showcases share: a ledger worth telling of, and somebody who asks for a showcase over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from agents import runtime as agents_runtime
from bizosaas_app.gateway import job_runner
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification.ledger import NewEvent
from bizosaas_app.services.gamification.portfolios.figures import Figure, Source, Stretch, change, number
from tests.support import openai_server
from tests.support.api import api_client
from tests.support.boards import Arena, event
from tests.support.openai_server import Script

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
DAYS = 10
"""Length of the period that the tests tell of; it ends yesterday, in UTC, where the test tenants are."""


def period() -> Stretch:
    yesterday = utc_now().date() - timedelta(days=1)
    return Stretch(yesterday - timedelta(days=DAYS - 1), yesterday)


def noon(day: date, **later: float) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(**later)


def wish(**fields: Any) -> dict[str, Any]:
    """A request as a browser sends it."""
    stretch = period()
    dates = {"from": stretch.begins.isoformat(), "to": stretch.ends.isoformat()}
    return {"template": "case_study", **dates, **fields}


async def fill(arena: Arena, email: str) -> dict[str, UUID]:
    """Record ten days of work and a thinner time before; give some of the events by name."""
    stretch, user_id = period(), arena.person(email)
    before = stretch.begins - timedelta(days=1)
    named = {
        "order": event(user_id, 40, type="order.completed", occurred_at=noon(stretch.begins)),
        "referral": event(user_id, 100, type="referral.approved", occurred_at=noon(stretch.ends)),
    }
    events: list[NewEvent] = [
        *named.values(),
        *(event(user_id, 10, occurred_at=noon(stretch.begins, hours=hour)) for hour in range(5)),
        *(event(user_id, 25, type="social.posted", occurred_at=noon(stretch.ends, minutes=step)) for step in range(4)),
        *(event(user_id, 10, occurred_at=noon(before, minutes=step)) for step in range(3)),
        event(user_id, 20, type="order.completed", occurred_at=noon(before)),
    ]
    tenant_id = arena.world.tenant_of(email)
    slug = next(slug for slug, known in arena.world.tenants.items() if known == tenant_id)
    assert (await arena.append(*events, slug=slug)).rejected == []
    return {name: item.event_id for name, item in named.items()}


@pytest.fixture
def served(arena: Arena) -> Iterator[None]:
    """The agents, as a server or a worker serves them."""
    with agents_runtime.serving(arena.world.resources.settings, arena.world.resources.secrets):
        yield


@contextmanager
def served_by_model(arena: Arena, script: Script) -> Iterator[None]:
    """Serve the agents with a model that follows the script."""
    held = arena.world.resources
    with openai_server.serving(script) as server:
        chosen = held.settings.model_copy(update={"llm_model": "openai/test", "llm_base_url": server.url})
        with agents_runtime.serving(chosen, held.secrets):
            yield


class Author:
    """A member who works on showcases over HTTP."""

    def __init__(self, arena: Arena, client: httpx.AsyncClient) -> None:
        self.arena = arena
        self.http = client

    @classmethod
    async def of(cls, arena: Arena, email: str) -> Author:
        signed_in = await arena.world.sign_in(email)
        return cls(arena, api_client(arena.world.resources.settings, headers=signed_in.headers))

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        return await self.http.post(f"/api/v1/gamification/portfolio{path}", json=body)

    async def patch(self, portfolio_id: str, body: Any) -> httpx.Response:
        return await self.http.patch(f"/api/v1/gamification/portfolio/{portfolio_id}", json=body)

    async def get(self, path: str = "") -> httpx.Response:
        return await self.http.get(f"/api/v1/gamification/portfolio{path}")

    async def read(self, portfolio_id: str) -> dict[str, Any]:
        answer = await self.get(f"/{portfolio_id}")
        assert answer.status_code == 200, answer.text
        view: dict[str, Any] = answer.json()
        return view

    async def ask(self, **fields: Any) -> dict[str, str]:
        """Ask for a showcase; give the ids."""
        answer = await self.post("/generate", wish(**fields))
        assert answer.status_code == 202, answer.text
        ids: dict[str, str] = answer.json()
        return ids

    async def write(self, **fields: Any) -> dict[str, Any]:
        """Ask for a showcase and let the jobs run; give it."""
        ids = await self.ask(**fields)
        await job_runner.run_waiting(self.arena.world.resources)
        return await self.read(ids["portfolio_id"])

    async def run(self, run_id: str) -> dict[str, Any]:
        view: dict[str, Any] = (await self.http.get(f"/api/v1/jobs/{run_id}")).json()
        return view


def figures() -> list[Figure]:
    """Some figures: 1,234 points (a rise of 25%), 12 orders (a fall of 40%), and 30 days."""
    stretch = Stretch(date(2026, 9, 1), date(2026, 9, 30))
    points = number("points", "Points earned", Decimal(1234), stretch, Source("sum"))
    orders = number("orders", "Orders completed", Decimal(12), stretch, Source("count"))
    rise, fall = change(points, Decimal(1234), Decimal(987)), change(orders, Decimal(12), Decimal(20))
    assert rise is not None
    assert fall is not None
    return [points, orders, rise, fall, number("days", "Days", Decimal(30), stretch, Source("calendar"))]
