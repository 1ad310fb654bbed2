"""The live hub: one subscription to the news in each worker, handed on to whoever watches.

News say that something changed, not what: a watcher reads again. Bursts are gathered for a moment. A watcher
whose session ends, or loses the permission it watches under, is told that it is over.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable
from contextlib import aclosing, asynccontextmanager
from contextvars import Context
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from bizosaas_app.gateway.mailbox import Mailbox
from bizosaas_app.gateway.relay import LIVE_CHANNEL
from bizosaas_app.gateway.seats import Connection, News, Seat, Seats
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import CacheError
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import Resources, resources
from bizosaas_app.kernel.tasks import end
from bizosaas_app.services.accounts import epochs, session_records
from bizosaas_app.services.accounts.session_records import SessionRecord

log = get_logger(__name__)

GATHER_SECONDS: Final = 0.01
"""One commit tells several keys in a row; they arrive within this time."""
BURST_SECONDS: Final = 0.08
"""Watchers are woken at most this often: faster than the eye follows, slower than a flood of events."""
CHECK_SECONDS: Final = 60.0
"""How often every watching session is looked up, should the news of its end be lost."""
_POLL_SECONDS: Final = 5.0
_PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before each further try to reach Valkey; the last one is repeated."""


class LiveHub:
    """The hub of one process."""

    def __init__(self, held: Resources) -> None:
        self._resources = held
        self._pending: dict[UUID, set[tuple[str, str]]] = {}
        self._flush: asyncio.TimerHandle | None = None
        self._flushed_at = 0.0
        self._checks: set[asyncio.Task[None]] = set()
        self.seats = Seats()
        self.connection: Connection = "reconnecting"

    async def watch(
        self,
        actor: Actor,
        *topics: str,
        keys: Collection[str] | None = None,
        permission: str | None = None,
    ) -> AsyncGenerator[News, None]:
        """Give the news of these topics in the actor's tenant until the actor's session ends.

        `keys` narrows them to some keys. Raises `NotPermitted` without the permission.
        """
        if permission is not None:
            actor.require(permission)
        box: Mailbox[News] = Mailbox(News.merge)
        wanted = None if keys is None else frozenset(keys)
        seat = Seat(actor.tenant_id, frozenset(topics), wanted, box.put, box.close, actor, permission)
        with self.seats.taken(seat):
            while (news := await box.take()) is not None:
                yield news

    async def run(self) -> None:
        """Listen to the news for ever; a lost connection is told to every watcher, and so is its return."""
        failures = 0
        while True:
            try:
                async for message in self._listen():
                    failures = 0
                    self._receive(message)
            except (CacheError, OSError) as error:
                self._set_connection("reconnecting")
                log.warning("the live hub lost Valkey", error=str(error), failures=failures)
            except Exception:
                self._set_connection("reconnecting")
                log.exception("the live hub failed")
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
            failures += 1

    async def run_checks(self) -> None:
        """Look up every watching session from time to time, for ever."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for seats in self.seats.all().values():
                await self._check(seats)

    async def close(self) -> None:
        """Tell every watcher that it is over."""
        for seats in self.seats.all().values():
            for seat in seats:
                seat.close()
        if self._flush is not None:
            self._flush.cancel()
        for task in self._checks:
            task.cancel()

    async def _listen(self) -> AsyncIterator[dict[str, Any]]:
        async with self._resources.cache.client.pubsub() as pubsub:
            await pubsub.subscribe(LIVE_CHANNEL)
            while True:
                message = await pubsub.get_message(timeout=_POLL_SECONDS)
                if message is not None:
                    yield message

    def _receive(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            # Also after the client has reconnected by itself: what was told meanwhile is lost.
            self._set_connection("live")
            return
        try:
            told = json.loads(message["data"])
            tenant_id, change = UUID(told["tenant"]), (str(told["topic"]), str(told["key"]))
        except (ValueError, KeyError, TypeError):
            log.warning("news that cannot be read")
            return
        if change[0] == epochs.TOPIC:
            self._check_soon(tenant_id, change[1])
        self._pending.setdefault(tenant_id, set()).add(change)
        if self._flush is None:
            loop = asyncio.get_running_loop()
            wait = max(GATHER_SECONDS, self._flushed_at + BURST_SECONDS - loop.time())
            self._flush = loop.call_later(wait, self._hand_on)

    def _hand_on(self) -> None:
        """Wake whoever watches what has changed since the last time."""
        self._flush = None
        self._flushed_at = asyncio.get_running_loop().time()
        pending, self._pending = self._pending, {}
        for tenant_id, changes in pending.items():
            for seat in self.seats.of(tenant_id):
                wanted = seat.pick(frozenset(changes))
                if wanted:
                    seat.tell(News(wanted))

    def _set_connection(self, connection: Connection) -> None:
        if connection == self.connection == "reconnecting":
            return
        self.connection = connection
        for seats in self.seats.all().values():
            for seat in seats:
                seat.tell(News(connection=connection, is_complete=False))

    def _check_soon(self, tenant_id: UUID, key: str) -> None:
        """Look up the sessions that this news may have ended: of one user, or of the whole tenant."""
        scope, _, subject = key.partition(":")
        seats = [
            seat
            for seat in self.seats.of(tenant_id)
            if seat.actor is not None and (scope != "user" or str(seat.actor.user_id) == subject)
        ]
        if seats:
            task = asyncio.get_running_loop().create_task(self._check(seats), context=Context())
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)

    async def _check(self, seats: Iterable[Seat]) -> None:
        """End the seats whose session is over or has lost its permission."""
        by_session: dict[tuple[UUID, UUID], list[Seat]] = {}
        for seat in seats:
            if seat.actor is not None and seat.actor.session_id is not None:
                by_session.setdefault((seat.tenant_id, seat.actor.session_id), []).append(seat)
        for (tenant_id, session_id), watching in by_session.items():
            try:
                record = await self._record_of(tenant_id, session_id)
            except Exception:
                log.exception("a watching session could not be looked up; it is tried again later")
                continue
            for seat in watching:
                if record is None or not _still_fits(seat, record):
                    seat.close()

    async def _record_of(self, tenant_id: UUID, session_id: UUID) -> SessionRecord | None:
        """Give what the session is now, None when it is over; the database is the authority."""
        idle = timedelta(seconds=self._resources.settings.session_idle_seconds)
        async with self._resources.database.unit_of_work(Actor.system(tenant_id)) as session:
            return await session_records.find_session(session, session_id, idle=idle, now=utc_now())


def _still_fits(seat: Seat, record: SessionRecord) -> bool:
    """Say whether the seat was taken with the rights that the session has now; boards may be for roles or platforms."""
    actor = seat.actor
    if actor is None or (actor.role, actor.platform) != (record.role, record.platform):
        return False
    return seat.permission is None or seat.permission in record.permissions


_current: LiveHub | None = None


def hub() -> LiveHub:
    """Give the hub of this process; raises `RuntimeError` when none is running."""
    if _current is None:
        raise RuntimeError("the live hub has not been started")
    return _current


def find_hub() -> LiveHub | None:
    """Give the hub of this process, None when none is running."""
    return _current


@asynccontextmanager
async def running() -> AsyncIterator[LiveHub]:
    """Run this process's hub for as long as the block lasts."""
    global _current  # noqa: PLW0603  # one hub in a process; this is the only place that sets it
    value = LiveHub(resources())
    tasks = [asyncio.create_task(work, name="live hub") for work in (value.run(), value.run_checks())]
    _current = value
    try:
        yield value
    finally:
        _current = None
        await value.close()
        await end(*tasks)


async def watch(actor: Actor, *topics: str, permission: str | None = None) -> AsyncIterator[News]:
    """Give the news of these topics in the actor's tenant until the actor's session ends."""
    async with aclosing(hub().watch(actor, *topics, permission=permission)) as stream:
        async for news in stream:
            yield news
