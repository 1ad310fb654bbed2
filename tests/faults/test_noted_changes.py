"""Who changes what in a connected system stands in the audit log before it leaves, and then how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Final

import psycopg
import pytest
from sqlalchemy import text

from bizosaas_app.gateway import afterwards, audit, upstream
from bizosaas_app.gateway.contracts.audit import ListAudit
from bizosaas_app.gateway.upstreams.sending import ForwardCall
from bizosaas_app.kernel.errors import Unavailable
from bizosaas_app.kernel.ids import new_id
from tests.support.engines import TestEngines
from tests.support.servers import free_port
from tests.support.upstreams import (
    ADMIN,
    Front,
    RawUpstream,
    answer,
    closing_after,
    gateway,
    problem,
    raw_upstream,
    slowly,
    until,
)
from tests.support.world import World

POST: Final = {"method": "POST", "more": "Content-Length: 0\r\n"}


@pytest.fixture
async def crm() -> AsyncIterator[RawUpstream]:
    async with raw_upstream() as value:
        yield value


@pytest.fixture
async def front(world: World, crm: RawUpstream) -> AsyncIterator[Front]:
    async with gateway(world, crm_url=crm.url) as value:
        yield value


async def entries(front: Front) -> list[tuple[str, object]]:
    """Give how the changes ended that the audit log tells of."""
    query = "select outcome, detail->>'status' from audit_log where action = 'upstream.changed' order by at, id"
    async with front.world.resources.database.unit_of_work(front.world.system()) as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def ended(front: Front, count: int) -> list[tuple[str, object]]:
    """Give how the changes ended, once the audit log tells of so many."""
    while True:
        found = await entries(front)
        if len(found) >= count:
            return found
        await asyncio.sleep(0.05)


async def unknown(front: Front) -> list[str]:
    """Give the changes of which the audit log does not know how they ended."""
    found = await audit.list_audit(await front.world.actor(ADMIN), ListAudit(outcome="unknown"))
    return [line.detail["method"] for line in found.items]


@pytest.fixture
def superuser(engines: TestEngines, database_name: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(engines.superuser_url(database_name).replace("+psycopg", "")) as connection:
        yield connection


async def waits(superuser: psycopg.Connection) -> int:
    """Give the process of the one connection that waits to write into the audit log."""
    query = "select pid from pg_stat_activity where wait_event_type = 'Lock' and query ilike 'insert into audit_log%'"
    while True:
        superuser.execute("select pg_stat_clear_snapshot()")
        found = await asyncio.to_thread(lambda: superuser.execute(query).fetchall())
        if found:
            ((pid,),) = found
            return int(pid)
        await asyncio.sleep(0.05)


def left_in_transactions(superuser: psycopg.Connection) -> int:
    """Count the transactions of this database that are open while nothing runs in them."""
    query = "select count(*) from pg_stat_activity where state like 'idle in%' and datname = current_database()"
    ((count,),) = superuser.execute(query).fetchall()
    return int(count)


async def test_what_cannot_be_written_down_does_not_leave(
    front: Front, crm: RawUpstream, superuser: psycopg.Connection
) -> None:
    with superuser.transaction():
        superuser.execute("lock table audit_log in share mode")
        asking = asyncio.create_task(front.client.post("/crm/x"))
        superuser.execute("select pg_terminate_backend(%s)", [await waits(superuser)])
        given = await asking
    assert problem(given) == (503, "unavailable")
    assert "nothing was changed" in given.json()["detail"]
    assert given.headers["retry-after"] == "2"
    await afterwards.drain()
    assert (crm.seen, await entries(front), await unknown(front)) == ([], [], [])
    assert (await front.client.post("/crm/x")).status_code == 200


async def test_a_client_that_leaves_before_its_change_has_left_is_told_to_have_left(
    front: Front, crm: RawUpstream, superuser: psycopg.Connection
) -> None:
    with superuser.transaction():
        superuser.execute("lock table audit_log in share mode")
        _, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(front.raw("/api/v1/crm/x", **POST))
        await waits(superuser)
        writer.transport.abort()
        await until(lambda: bool(afterwards._running))  # it is known that the client has left
    await afterwards.drain()
    assert (crm.seen, await entries(front), await unknown(front)) == ([], [("failed", "left")], [])


async def test_a_change_under_way_stands_in_the_log_and_holds_no_transaction(
    front: Front, crm: RawUpstream, superuser: psycopg.Connection
) -> None:
    may_go_on, may_answer = asyncio.Event(), asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        yield b"x"
        await may_go_on.wait()
        yield b"y"

    crm.script = slowly(may_answer)
    slow = asyncio.create_task(front.client.put("/crm/x", content=parts()))
    for step in (may_go_on, may_answer):
        await until(lambda: bool(crm.seen))
        await asyncio.sleep(0.3)
        assert (await entries(front), await unknown(front)) == ([], ["PUT"])
        assert left_in_transactions(superuser) == 0
        superuser.rollback()
        step.set()
    assert (await slow).status_code == 200
    assert (await entries(front), await unknown(front)) == ([("ok", "200")], [])


async def test_a_change_that_is_tried_again_is_one_in_the_log(front: Front, crm: RawUpstream) -> None:
    crm.script = closing_after(1)
    assert [(await front.client.delete("/crm/x")).status_code for _ in range(2)] == [200, 200]
    assert len(crm.seen) == 3
    assert (await entries(front), await unknown(front)) == ([("ok", "200")] * 2, [])


@pytest.mark.parametrize(
    ("said", "entry"), [(answer(), ("ok", "200")), (b"nonsense\r\n\r\n", ("unknown", "upstream_failed"))]
)
async def test_a_client_that_leaves_while_its_change_is_written_down_leaves_it_written(
    front: Front, crm: RawUpstream, superuser: psycopg.Connection, said: bytes, entry: tuple[str, str]
) -> None:
    may_answer = asyncio.Event()
    crm.script = slowly(may_answer, said)
    _, writer = await asyncio.open_connection("127.0.0.1", front.port)
    writer.write(front.raw("/api/v1/crm/x", **POST))
    await until(lambda: bool(crm.seen))
    with superuser.transaction():
        superuser.execute("lock table audit_log in share mode")
        may_answer.set()
        await waits(superuser)
        writer.transport.abort()
        await until(lambda: bool(afterwards._running))  # it is known that the client has left
    await afterwards.drain()
    assert (await entries(front), await unknown(front)) == ([entry], ["POST"] if entry[0] == "unknown" else [])


async def test_a_change_that_the_system_may_have_made_is_told_as_unknown(world: World, crm: RawUpstream) -> None:
    crm.script = slowly(asyncio.Event())
    async with gateway(world, crm_url=crm.url, upstream_first_byte_seconds=2.0) as front:
        assert problem(await front.client.post("/crm/x")) == (504, "upstream_timeout")
        assert (await entries(front), await unknown(front)) == ([("unknown", "upstream_timeout")], ["POST"])
        crm.seen.clear()
        _, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(front.raw("/api/v1/crm/x", **POST))
        await until(lambda: bool(crm.seen))
        writer.transport.abort()
        assert (await ended(front, 2))[1:] == [("unknown", "left")]
        await afterwards.drain()


async def test_a_change_that_found_nobody_has_failed(world: World) -> None:
    async with gateway(world, crm_url=f"http://127.0.0.1:{free_port()}") as front:
        assert problem(await front.client.post("/crm/x")) == (502, "upstream_failed")
        assert (await entries(front), await unknown(front)) == ([("failed", "upstream_failed")], [])


async def test_an_end_that_the_database_could_not_write_down_is_told_all_the_same_and_written_once_it_can(
    front: Front, crm: RawUpstream, superuser: psycopg.Connection
) -> None:
    may_answer = asyncio.Event()
    crm.script = slowly(may_answer)
    asking = asyncio.create_task(front.client.post("/crm/x"))
    await until(lambda: bool(crm.seen))
    with superuser.transaction():
        superuser.execute("lock table audit_log in share mode")
        may_answer.set()
        superuser.execute("select pg_terminate_backend(%s)", [await waits(superuser)])
        assert (await asking).status_code == 200  # whoever did not hear of it would make the change again
    assert await unknown(front) == ["POST"]
    await afterwards.drain()
    assert (await entries(front), await unknown(front)) == ([("ok", "200")], [])
    assert len(crm.seen) == 1


async def test_what_an_earlier_try_has_written_after_all_is_not_written_twice(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_off() -> None:
        await note()
        raise Unavailable("The database cannot be reached right now")

    monkeypatch.setattr(upstream, "_PAUSES", (0.0,))
    command = ForwardCall(upstream="crm", method="POST", raw_path=b"/api/v1/crm/x")
    note = partial(upstream._note, new_id(), await front.world.actor(ADMIN), command, 200, "ok")
    await upstream._finish(note, asyncio.create_task(cut_off()))
    assert await entries(front) == [("ok", "200")]
