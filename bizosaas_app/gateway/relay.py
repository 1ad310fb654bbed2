"""The relay: pays the debts of the outbox after each commit, and tells open pages what has changed.

A commit kicks the tenant's topic; kicks that come meanwhile are answered by one more pass. What a crash left
behind, the sweeper of any worker finds. Each topic of a tenant is delivered by one worker at a time, and on its
own: a failing one waits and tries again while the others go on.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import metrics
from bizosaas_app.gateway.deliveries import HANDLERS, Handler
from bizosaas_app.kernel import log as log_lines
from bizosaas_app.kernel import tracing
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import Resources, resources
from bizosaas_app.kernel.tasks import end
from bizosaas_app.services import outbox
from bizosaas_app.services.outbox import OutboxRow

log = get_logger(__name__)

LIVE_CHANNEL: Final = "bz:live"
"""Valkey channel of all news: JSON `{tenant, topic, key}`."""
SWEEP_SECONDS: Final = 3.0
_GENERATIONS: Final = 2
"""A moved board may leave notices for its members; those leave nothing more."""
_FIRST_REST_SECONDS: Final = 1.0
_LONGEST_REST_SECONDS: Final = 60.0

handlers: Final = HANDLERS


@dataclass(slots=True)
class _Rest:
    """A row that failed: how often, and when it may be tried again (monotonic seconds)."""

    failures: int = 0
    until: float = 0.0

    def fail(self, now: float) -> None:
        self.until = now + min(_FIRST_REST_SECONDS * 2**self.failures, _LONGEST_REST_SECONDS)
        self.failures += 1


class Relay:
    """The relay of one process."""

    def __init__(self, held: Resources, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._resources = held
        self._clock = clock
        self._work: dict[tuple[UUID, str], asyncio.Task[None]] = {}
        self._again: set[tuple[UUID, str]] = set()
        self._resting: dict[tuple[UUID, str], dict[int, _Rest]] = {}
        # A delivery takes a connection; requests keep at least half of the pool.
        self._slots = asyncio.Semaphore(max(1, (held.settings.database_pool_size - 1) // 2))

    def kick(self, tenant_id: UUID, topic: str) -> asyncio.Task[None]:
        """Have this topic delivered soon; returns at once with the task that does it."""
        key = (tenant_id, topic)
        running = self._work.get(key)
        if running is not None:
            self._again.add(key)
            return running
        # A context of its own: the caller's may stand inside a tenant's transaction or a request's log fields.
        task = asyncio.get_running_loop().create_task(self._run(key), name=f"relay {topic}", context=Context())
        self._work[key] = task
        return task

    async def settle(self, tenant_id: UUID, topic: str, *, seconds: float) -> None:
        """Wait until what this process has to deliver of the topic is delivered, or for so many seconds."""
        task = self._work.get((tenant_id, topic))
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    async def sweep(self) -> None:
        """Kick every tenant's topics that wait in the outbox, whoever left them there."""
        async with self._resources.database.doors() as session:
            tenants = await outbox.list_waiting_tenants(session)
        rows, oldest = 0, None
        for tenant_id in tenants:
            async with self._resources.database.unit_of_work(Actor.system(tenant_id)) as session:
                topics = await outbox.list_topics(session)
            for topic in topics:
                self.kick(tenant_id, topic.name)
                rows, oldest = rows + topic.rows, min(topic.oldest_at, oldest or topic.oldest_at)
        now = utc_now()
        metrics.OUTBOX_ROWS.set(rows)
        metrics.OUTBOX_AGE.set((now - oldest).total_seconds() if oldest else 0)
        metrics.OUTBOX_SWEPT.set(now.timestamp())

    async def drain(self) -> None:
        """Deliver everything that waits in any tenant with what comes of it, and wait for it."""
        for _ in range(_GENERATIONS):
            await self.sweep()
            while self._work:
                await asyncio.wait(set(self._work.values()))

    async def run_sweeper(self) -> None:
        """Sweep every few seconds, for ever."""
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("the sweep of the outbox failed")
            await asyncio.sleep(SWEEP_SECONDS)

    async def close(self) -> None:
        """Wait a moment for deliveries under way, then stop them; the outbox keeps what they owe."""
        if self._work:
            _, late = await asyncio.wait(set(self._work.values()), timeout=2)
            await end(*late)

    async def _run(self, key: tuple[UUID, str]) -> None:
        log_lines.begin(tenant_id=str(key[0]))
        try:
            has_more = True
            while has_more or key in self._again:
                self._again.discard(key)
                async with self._slots:
                    with tracing.span(f"deliver {key[1]}", {"bizosaas.tenant_id": str(key[0])}, kind="consumer"):
                        has_more = await self._deliver(*key)
        except Exception:
            log.exception("the relay failed", topic=key[1])
        finally:
            self._again.discard(key)
            del self._work[key]

    async def _deliver(self, tenant_id: UUID, topic: str) -> bool:
        """Deliver one batch; say whether there may be more."""
        handler = handlers.get(topic)
        if handler is None:
            log.error("nobody delivers this topic; its rows wait", topic=topic)
            return False
        resting = self._resting.setdefault((tenant_id, topic), {})
        skip = [row_id for row_id, rest in resting.items() if rest.until > self._clock()]
        async with self._resources.database.unit_of_work(Actor.system(tenant_id)) as session:
            await outbox.lock_topic(session, tenant_id, topic)
            rows = await outbox.list_rows(session, topic, limit=handler.batch, skip=skip)
            delivered = await self._try(session, handler, tenant_id, rows, resting) if rows else False
            if delivered:
                await outbox.discard(session, [row.id for row in rows])
        self._forget_delivered((tenant_id, topic), skip, rows)
        return len(rows) == handler.batch

    def _forget_delivered(self, key: tuple[UUID, str], skip: Collection[int], rows: Sequence[OutboxRow]) -> None:
        """Drop the rests of rows that another worker has delivered: due, yet no longer there."""
        resting = self._resting[key]
        for row_id in resting.keys() - {*skip, *(row.id for row in rows)}:
            del resting[row_id]
        if not resting:
            del self._resting[key]

    async def _try(
        self,
        session: AsyncSession,
        handler: Handler,
        tenant_id: UUID,
        rows: Sequence[OutboxRow],
        resting: dict[int, _Rest],
    ) -> bool:
        """Call the handler; rows that it cannot deliver rest for a while, longer each time."""
        try:
            async with session.begin_nested():  # a failing statement must not spoil the turn's transaction
                keys = await handler.handle(session, tenant_id, rows)
            await self._tell(tenant_id, rows[0].topic, [row.key for row in rows] if keys is None else keys)
        except Exception:
            log.exception("an outbox delivery failed and is tried again", topic=rows[0].topic, rows=len(rows))
            for row in rows:
                resting.setdefault(row.id, _Rest()).fail(self._clock())
            return False
        for row in rows:
            resting.pop(row.id, None)
        return True

    async def _tell(self, tenant_id: UUID, topic: str, keys: Iterable[str]) -> None:
        """Publish the news; told before the rows go, so that a crash tells twice rather than never."""
        async with self._resources.cache.client.pipeline(transaction=False) as pipe:
            for key in sorted(set(keys)):
                pipe.publish(LIVE_CHANNEL, json.dumps({"tenant": str(tenant_id), "topic": topic, "key": key}))
            await pipe.execute()


_current: Relay | None = None


@asynccontextmanager
async def running() -> AsyncIterator[Relay]:
    """Run this process's relay, with its sweeper, for as long as the block lasts."""
    global _current  # noqa: PLW0603  # one relay in a process; this is the only place that sets it
    relay = Relay(resources())
    _current = relay
    outbox.on_commit(relay.kick)
    sweeper = asyncio.create_task(relay.run_sweeper(), name="outbox sweeper")
    try:
        yield relay
    finally:
        outbox.on_commit(None)
        _current = None
        await end(sweeper)
        await relay.close()


def is_running() -> bool:
    """Say whether this process delivers."""
    return _current is not None


async def settle(tenant_id: UUID, topic: str, *, seconds: float) -> None:
    """Wait until this process has delivered what it knows to be due, or for so many seconds."""
    if _current is not None:
        await _current.settle(tenant_id, topic, seconds=seconds)
