"""What every drill does around its own fault: people at work, pages kept open, and what is told of it in the end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from bench import scene
from bench.drills.crowd import Crowd, Tally
from bench.drills.ledger import Audit, compare
from bench.drills.pages import KeptPage
from bench.measure import Series, publish
from bench.scene import Ticket
from bizosaas_app.kernel import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left after a drill."""

    tally: Tally
    audit: Audit
    signed_in: int
    page_returns: int
    pages_answering: int

    def facts(self) -> dict[str, Any]:
        """Give what each drill publishes."""
        return {
            "statuses": self.tally.statuses(),
            "refusals": dict(self.tally.refusals),
            "error_percent": self.tally.error_percent,
            "events_acknowledged": len(self.tally.acknowledged),
            "events_lost": self.audit.lost,
            "events_doubled": self.audit.doubled,
            "still_signed_in": self.signed_in,
            "page_returns": self.page_returns,
            "pages_answering": self.pages_answering,
            "odd_answers": self.tally.odd[:10],
        }


async def open_crowd(data_dir: Path, url: str, people: int, urls: Mapping[str, str]) -> tuple[UUID, list[Ticket]]:
    """Make a tenant of so many people beside what serves at the address, and sign each of them in.

    `urls` are those of given engines, by the names of their variables.
    """
    given = {name.lower(): value for name, value in urls.items()}
    async with resources.start(scene.bench_settings(data_dir, public_url=url, **given)) as held:
        tenant_id = await scene.make_tenant(held, people=people)
        return tenant_id, await scene.open_sessions(held, tenant_id)


class Work:
    """People at work and their pages, until `end`."""

    def __init__(self, crowd: Crowd, pages: Sequence[KeptPage], acting: asyncio.Task[None]) -> None:
        self.crowd = crowd
        self._pages = pages
        self._acting = acting
        self._answering = 0
        self._signed_in = 0

    async def end(self) -> None:
        """Let people finish what they do, then ask who is still signed in and which pages still answer."""
        self.crowd.stop()
        await self._acting
        self._answering = sum(await asyncio.gather(*(page.answers(seconds=90) for page in self._pages)))
        self._signed_in = await self.crowd.count_signed_in()

    async def left(self, data_dir: Path, tenant_id: UUID) -> dict[str, Any]:
        """Give the fields of `Left`, once the ledger was compared with what people were told."""
        return {
            "tally": self.crowd.tally,
            "audit": await asyncio.to_thread(compare, data_dir, tenant_id, self.crowd.tally),
            "signed_in": self._signed_in,
            "page_returns": sum(page.returns for page in self._pages),
            "pages_answering": self._answering,
        }


@asynccontextmanager
async def at_work(
    port: int,
    tickets: Sequence[Ticket],
    *,
    pages: int,
    think_seconds: tuple[float, float],
    tls: ssl.SSLContext | None = None,
    beside: Sequence[Coroutine[Any, Any, None]] = (),
) -> AsyncIterator[Work]:
    """Have people work for as long as the block lasts, some with a page open; `beside` runs along with them."""
    crowd = Crowd(port, tickets, think_seconds=think_seconds, tls=tls)
    kept = [KeptPage(port, ticket, tls=tls) for ticket in tickets[:pages]]
    aside = [asyncio.create_task(each) for each in (*(page.keep() for page in kept), *beside)]
    acting = asyncio.create_task(crowd.run())
    try:
        yield Work(crowd, kept, acting)
    finally:
        for task in (acting, *aside):
            task.cancel()
        await asyncio.gather(acting, *aside, return_exceptions=True)
        await crowd.close()


def tell(name: str, title: str, tally: Tally, facts: Mapping[str, Any]) -> None:
    """Write a drill's figures to its file and print them."""
    publish(name, title, [Series("answers", tally.good_seconds)], **facts)
    for key, value in facts.items():
        print(f"  {key}: {value}")
