"""The relay: nothing owed is lost, and one failing topic holds up no other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from decimal import Decimal
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import relay as relay_module
from bizosaas_app.gateway.deliveries import Handler
from bizosaas_app.gateway.relay import LIVE_CHANNEL, Relay
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import Unavailable
from bizosaas_app.kernel.tasks import end
from bizosaas_app.services import outbox
from bizosaas_app.services.gamification import boards, ledger
from bizosaas_app.services.outbox import OutboxRow
from tests.conftest import POOL_SIZE
from tests.support.boards import MIA, NOAH, Arena, arena, event, running_relay, until

__all__ = ["arena", "running_relay"]


@pytest.fixture
async def told(arena: Arena) -> AsyncIterator[list[dict[str, str]]]:
    """What was published on the live channel."""
    heard: list[dict[str, str]] = []
    async with arena.cache.client.pubsub() as pubsub:
        await pubsub.subscribe(LIVE_CHANNEL)

        async def listen() -> None:
            while True:
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=5)
                if message is not None:
                    heard.append(json.loads(message["data"]))

        task = asyncio.create_task(listen())
        yield heard
        await end(task)


async def enqueue(arena: Arena, topic: str, *keys: str) -> None:
    actor = arena.world.system()
    async with arena.world.resources.database.unit_of_work(actor) as session:
        for key in keys:
            await outbox.enqueue(session, actor, topic, key, {})


async def commit_and_crash(arena: Arena, email: str, value: int) -> None:
    """Append as a process that dies right after its commit: nobody kicks the relay."""
    actor = arena.world.system()
    async with arena.world.resources.database.unit_of_work(actor) as session:
        new = event(arena.person(email), value)
        await ledger.append(session, actor, [new], now=utc_now(), source="api")


async def test_what_a_crash_left_behind_the_sweeper_delivers(arena: Arena) -> None:
    board = await arena.board()
    await arena.score(MIA, 5)
    await arena.ranked(board)
    await commit_and_crash(arena, NOAH, 9)
    assert [score for _, _, score in await arena.ranked(board)] == [Decimal(5)]
    assert await arena.owed() > 0
    await arena.relay.drain()
    assert [score for _, _, score in await arena.ranked(board)] == [Decimal(9), Decimal(5)]
    assert await arena.owed() == 0


async def test_a_commit_kicks_the_relay(arena: Arena, running_relay: Relay) -> None:
    board = await arena.board()
    await arena.ranked(board)
    await commit_and_crash(arena, MIA, 5)
    await running_relay.settle(arena.world.tenants["acme-corp"], boards.TOPIC, seconds=10)
    assert [score for _, _, score in await arena.ranked(board)] == [Decimal(5)]


async def test_delivering_twice_does_no_harm(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between Valkey and the relay's own commit: the rows are still there and are delivered again."""
    board = await arena.board()
    await arena.ranked(board)
    await commit_and_crash(arena, MIA, 5)
    discard = outbox.discard

    async def die(*_: object) -> None:
        raise ConnectionError("killed")

    monkeypatch.setattr(outbox, "discard", die)
    await arena.relay.drain()
    ranked = await arena.ranked(board)
    assert await arena.owed() > 0
    monkeypatch.setattr(outbox, "discard", discard)
    await commit_and_crash(arena, NOAH, 2)
    await arena.relay.drain()
    assert await arena.owed() == 0
    assert await arena.ranked(board) == [*ranked, (2, arena.person(NOAH), Decimal(2))]


async def test_open_pages_are_told_which_boards_have_moved(arena: Arena, told: list[dict[str, str]]) -> None:
    board = await arena.board()
    await arena.score(MIA, 5)
    tenant = str(arena.world.tenants["acme-corp"])
    await until(lambda: len(told) >= 5)
    periods = {period for _, period, _ in await arena.entries(board)}
    assert {(item["tenant"], item["topic"], item["key"]) for item in told} == {
        (tenant, boards.TOPIC, "ledger"),
        *((tenant, boards.TOPIC, f"{board.id}:{period}") for period in periods),
    }


async def test_a_failing_topic_keeps_its_rows_while_the_others_go_on(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(session: AsyncSession, tenant_id: UUID, rows: Sequence[OutboxRow]) -> None:
        raise ConnectionError("the other side is away")

    monkeypatch.setitem(relay_module.handlers, "broken", Handler(fail))
    await enqueue(arena, "broken", "one", "two")
    await arena.score(MIA, 5)
    assert await arena.owed() == 2


async def test_one_row_that_fails_does_not_hold_up_its_neighbours(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered: list[str] = []

    async def deliver(session: AsyncSession, tenant_id: UUID, rows: Sequence[OutboxRow]) -> None:
        if rows[0].key == "bad":
            raise ValueError("no such address")
        delivered.extend(row.key for row in rows)

    monkeypatch.setitem(relay_module.handlers, "letters", Handler(deliver, batch=1))
    await enqueue(arena, "letters", "bad", "first", "second")
    await arena.relay.drain()
    assert delivered == ["first", "second"]
    assert await arena.owed() == 1


async def test_a_row_that_failed_rests_and_is_tried_again(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    async def fail_once(session: AsyncSession, tenant_id: UUID, rows: Sequence[OutboxRow]) -> None:
        tries.append(rows[0].key)
        if len(tries) == 1:
            raise ConnectionError

    monkeypatch.setitem(relay_module.handlers, "flaky", Handler(fail_once))
    await enqueue(arena, "flaky", "row")
    seconds = [100.0]
    relay = Relay(arena.world.resources, clock=lambda: seconds[0])
    await relay.drain()
    await relay.drain()
    assert tries == ["row"]
    seconds[0] += 1.5
    await relay.drain()
    assert tries == ["row", "row"]
    assert await arena.owed() == 0


async def test_a_delivery_needs_no_second_connection(arena: Arena) -> None:
    """Readers may hold all the others while they wait for this very delivery's turn."""
    database = arena.world.resources.database
    async with AsyncExitStack() as busy:
        for _ in range(POOL_SIZE - 1):
            await busy.enter_async_context(database.doors())
        await arena.score(MIA, 5)
        assert await arena.owed() == 0


async def test_an_exhausted_pool_is_told_as_busy_not_as_a_bug(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    database = arena.world.resources.database
    monkeypatch.setattr(database.engine.pool, "_timeout", 0.05)
    async with AsyncExitStack() as busy:
        for _ in range(POOL_SIZE):
            await busy.enter_async_context(database.doors())
        with pytest.raises(Unavailable):
            async with database.doors():
                pass


async def test_a_topic_that_nobody_delivers_waits(arena: Arena) -> None:
    await enqueue(arena, "of-tomorrow", "row")
    await arena.relay.drain()
    assert await arena.owed() == 1


async def test_two_workers_deliver_each_row_once(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    delivered: list[str] = []

    async def deliver(session: AsyncSession, tenant_id: UUID, rows: Sequence[OutboxRow]) -> None:
        await asyncio.sleep(0.01)
        delivered.extend(row.key for row in rows)

    monkeypatch.setitem(relay_module.handlers, "counted", Handler(deliver, batch=2))
    await enqueue(arena, "counted", *"abcdefgh")
    other = Relay(arena.world.resources)
    await asyncio.gather(arena.relay.drain(), other.drain())
    assert sorted(delivered) == list("abcdefgh")
