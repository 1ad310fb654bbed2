"""Connected systems at their worst: whatever they do, the client learns of it, and everybody else is served."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Final

import httpx
import psutil
import pytest

from bizosaas_app.gateway import health
from bizosaas_app.gateway.metrics import UPSTREAM_RETRIES
from bizosaas_app.kernel import outgoing
from tests.support.servers import free_port
from tests.support.upstreams import (
    Front,
    RawUpstream,
    Script,
    Seen,
    answer,
    closing_after,
    gateway,
    problem,
    raw_upstream,
    saying,
    slowly,
    until,
)
from tests.support.world import World

HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED: Final = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PART: Final = b"x" * 65_536
CHUNK: Final = b"10000\r\n" + PART + b"\r\n"
MIB: Final = 1024 * 1024
QUICK: Final = {
    "upstream_first_byte_seconds": 3,
    "upstream_total_seconds": 8,
    "upstream_limit_bytes": 4 * MIB,
}


@pytest.fixture
async def crm() -> AsyncIterator[RawUpstream]:
    async with raw_upstream() as value:
        yield value


@pytest.fixture
async def front(world: World, crm: RawUpstream) -> AsyncIterator[Front]:
    async with gateway(world, crm_url=crm.url, **QUICK) as value:
        yield value


async def stalling(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing until the other side leaves."""
    await reader.readexactly(1)


def endless(*, head: bytes, part: bytes) -> tuple[Script, list[int]]:
    """Give a script that sends without end, and the bytes that it got rid of."""
    sent = [0]

    async def script(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while sent[0] < 10_000_000_000:
            writer.write(part)
            await writer.drain()
            sent[0] += len(part)

    return script, sent


async def test_one_that_is_down_is_told_soon_and_then_left_alone(world: World) -> None:
    async with gateway(world, crm_url=f"http://127.0.0.1:{free_port()}") as front:
        assert {problem(await front.get("/crm/x")) for _ in range(5)} == {(502, "upstream_failed")}
        refused = await front.get("/crm/x")
        assert problem(refused) == (503, "upstream_unavailable")
        assert 1 <= int(refused.headers["retry-after"]) <= 5
        report = await health.check()
        assert report.services["upstream_crm"].status == "degraded"
        assert "upstream_cms" not in report.services
        assert (await front.get("/auth/me")).status_code == 200


async def test_an_upstream_that_is_away_takes_nobody_out_of_service(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CHECKS", {"valkey": health.CHECKS["valkey"]})
    async with gateway(world, crm_url=f"http://127.0.0.1:{free_port()}") as front:
        assert (await health.check()).services["upstream_crm"].status == "ok"
        await front.get("/crm/x")
        given = await front.client.get(f"http://localhost:{front.port}/health")
    assert (given.status_code, given.json()["status"]) == (200, "ok")
    assert given.json()["services"]["upstream_crm"]["status"] == "degraded"


async def test_one_that_comes_back_is_found_by_a_single_probe(front: Front, crm: RawUpstream) -> None:
    crm.script = saying(answer(status="503 Busy"))
    assert {(await front.get("/crm/x")).status_code for _ in range(5)} == {503}
    assert problem(await front.get("/crm/x")) == (503, "upstream_unavailable")
    may_answer = asyncio.Event()
    crm.script = slowly(may_answer)
    await asyncio.sleep(5.1)
    before = len(crm.seen)
    tasks = [asyncio.create_task(front.get("/crm/x")) for _ in range(4)]
    await until(lambda: sum(task.done() for task in tasks) == 3)
    may_answer.set()
    found = await asyncio.gather(*tasks)
    assert sorted(item.status_code for item in found) == [200, 503, 503, 503]
    assert len(crm.seen) == before + 1
    assert (await front.get("/crm/x")).status_code == 200


async def test_one_tenants_time_outs_take_it_from_that_tenant_only(world: World, crm: RawUpstream) -> None:
    async with gateway(world, crm_url=crm.url, upstream_first_byte_seconds=1) as front:
        globex = (await world.sign_in("admin@globex.example")).headers
        crm.script = stalling
        found = await asyncio.gather(*(front.get("/crm/slow") for _ in range(6)))
        assert {problem(item) for item in found} == {(504, "upstream_timeout")}
        assert problem(await front.get("/crm/x")) == (503, "upstream_unavailable")
        crm.script = saying(answer())
        assert (await front.get("/crm/x", headers=globex)).status_code == 200


async def test_a_body_that_trickles_is_no_probe_and_keeps_nobody_from_theirs(front: Front, crm: RawUpstream) -> None:
    crm.script = saying(answer(status="503 Busy"))
    assert {(await front.get("/crm/x")).status_code for _ in range(5)} == {503}
    crm.script = saying(answer())
    await asyncio.sleep(5.1)
    before, may_go_on = len(crm.seen), asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        yield b"x"
        await may_go_on.wait()

    slow = asyncio.create_task(front.client.post("/crm/x", content=parts()))
    await asyncio.sleep(0.3)
    assert (await front.get("/crm/x")).status_code == 200
    assert [seen.method for seen in crm.seen[before:]] == ["GET"]
    may_go_on.set()
    assert (await slow).status_code == 200
    assert crm.seen[-1].body == b"x"


async def test_where_only_calls_with_a_body_come_one_of_them_is_the_probe(front: Front, crm: RawUpstream) -> None:
    crm.script = saying(answer(status="503 Busy"))
    assert {(await front.client.post("/crm/x", content=b"{}")).status_code for _ in range(5)} == {503}
    assert problem(await front.client.post("/crm/x", content=b"{}")) == (503, "upstream_unavailable")
    crm.script = saying(answer())
    await asyncio.sleep(5.1)
    assert problem(await front.client.post("/crm/x", content=b"x" * 70_000)) == (503, "upstream_unavailable")
    assert (await front.client.post("/crm/x", content=b"{}")).status_code == 200
    assert crm.seen[-1].body == b"{}"


async def test_answers_of_no_use_are_no_reason_to_leave_it_alone(front: Front, crm: RawUpstream) -> None:
    """Else one tenant, by asking for such an address, could take the upstream from all others."""
    for script in (
        answer(status="500 Broken"),
        answer(status="401 Unauthorized"),
        answer(b"", status="302 Found", more="Location: https://elsewhere.example/\r\n"),
        HEAD + b"Content-Length: 9999999\r\n\r\n",
    ):
        crm.script = saying(script, then_close=True)
        assert {(await front.get("/crm/x")).status_code for _ in range(7)} <= {500, 502}
        assert (await health.check()).services["upstream_crm"].status == "ok"
    crm.script = saying(answer())
    assert (await front.get("/crm/x")).status_code == 200


async def test_silence_is_a_time_out_and_others_are_served_meanwhile(front: Front, crm: RawUpstream) -> None:
    crm.script = stalling
    started = time.monotonic()
    waiting = asyncio.create_task(front.get("/crm/x"))
    await asyncio.sleep(0.05)
    assert (await front.get("/auth/me")).status_code == 200
    assert not waiting.done()
    assert problem(await waiting) == (504, "upstream_timeout")
    assert time.monotonic() - started < 15
    await asyncio.wait_for(crm.lost.wait(), 20)


async def test_a_head_that_trickles_is_a_time_out(front: Front, crm: RawUpstream) -> None:
    crm.script = saying(*(bytes([byte]) for byte in HEAD), pause=0.1)
    assert problem(await front.get("/crm/x")) == (504, "upstream_timeout")


async def test_a_body_that_trickles_is_torn_at_the_deadline(front: Front, crm: RawUpstream) -> None:
    crm.script = saying(CHUNKED, *([b"1\r\nx\r\n"] * 200), pause=0.1)
    started = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        await front.get("/crm/x")
    assert 7 < time.monotonic() - started < 30


async def test_a_body_that_falls_silent_is_torn(front: Front, crm: RawUpstream) -> None:
    async def script(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + CHUNK * 4)
        await stalling(seen, reader, writer)

    crm.script = script
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        await front.get("/crm/x")
    await asyncio.wait_for(crm.lost.wait(), 20)


LIES: Final = {
    "shorter than declared": saying(HEAD + b"Content-Length: 100\r\n\r\n{}", then_close=True),
    "longer than declared": saying(HEAD + b"Content-Length: 2\r\n\r\n{}EXTRA"),
    "a second answer": saying(answer(b"{}") + answer(b'{"smuggled": true}')),
    "chunks without an end": saying(CHUNKED + b"2\r\n{}\r\n", then_close=True),
    "more after the last chunk": saying(CHUNKED + b"2\r\n{}\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
    "a chunk of no number": saying(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunk longer than it says": saying(CHUNKED + b"1\r\n{}\r\n0\r\n\r\n"),
    "length and chunks": saying(
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", then_close=True
    ),
    "two lengths": saying(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    "a length that is none": saying(HEAD + b"Content-Length: +2\r\n\r\n{}"),
    "another coding": saying(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "chunks in HTTP/1.0": saying(CHUNKED.replace(b"1.1", b"1.0", 1) + b"2\r\n{}\r\n0\r\n\r\n", then_close=True),
    "no HTTP": saying(b"SSH-2.0-OpenSSH_9\r\n", then_close=True),
    "nothing": saying(b"", then_close=True),
    "a NUL in a header": saying(HEAD + b"X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}"),
    "a bare CR in a header": saying(HEAD + b"X-A: a\rSet-Cookie: b\r\nContent-Length: 2\r\n\r\n{}"),
    "a header of no name": saying(HEAD + b": a\r\nContent-Length: 2\r\n\r\n{}"),
    "a space before the colon": saying(HEAD + b"Content-Length : 2\r\n\r\n{}", then_close=True),
    "a head without end": saying(HEAD + b"X-A: " + b"a" * 300_000 + b"\r\n\r\n"),
    "another protocol": saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"),
    "interim answers only": saying(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20),
}


async def test_an_answer_that_is_none_is_a_clean_502_and_the_next_call_has_its_own(
    front: Front, crm: RawUpstream
) -> None:
    for lie, script in LIES.items():
        crm.script = script
        assert problem(await front.get("/crm/x")) == (502, "upstream_failed"), lie
        crm.script = saying(answer(b'{"next": true}'))
        for _ in range(2):  # so many that the lies stay below half of all
            given = await front.get("/crm/x")
            assert (given.status_code, given.json()) == (200, {"next": True}), lie


TORN: Final = {
    "shorter than declared": saying(
        HEAD + b"Content-Length: 999999\r\n\r\n", *([PART] * 5), then_close=True, pause=0.05
    ),
    "longer than declared": saying(
        HEAD + b"Content-Length: 327680\r\n\r\n", *([PART] * 4), PART + b"EXTRA", pause=0.05
    ),
    "chunks without an end": saying(CHUNKED, *([CHUNK] * 5), then_close=True, pause=0.05),
    "a bad chunk": saying(CHUNKED, *([CHUNK] * 5), b"zz\r\n", pause=0.05),
}


async def test_an_answer_that_turns_out_wrong_breaks_off_and_never_looks_whole(front: Front, crm: RawUpstream) -> None:
    for lie, script in TORN.items():
        crm.script = script
        with pytest.raises(httpx.RemoteProtocolError):
            pytest.fail(f"{lie}: {(await front.get('/crm/x')).status_code}")
        crm.script = saying(answer(b'{"next": true}'))
        assert (await front.get("/crm/x")).json() == {"next": True}, lie


async def test_answers_that_break_off_count_as_failures(front: Front, crm: RawUpstream) -> None:
    crm.script = TORN["a bad chunk"]
    with pytest.raises(httpx.RemoteProtocolError):
        await front.get("/crm/x")
    assert (await health.check()).services["upstream_crm"].status == "degraded"


async def test_what_an_upstream_says_unasked_is_nobodys_answer(front: Front, crm: RawUpstream) -> None:
    crm.script = saying(answer(b"{}"), answer(b'{"smuggled": true}'), pause=0.2)
    assert (await front.get("/crm/x")).json() == {}
    await asyncio.sleep(0.4)
    crm.script = saying(answer(b'{"next": true}'))
    assert (await front.get("/crm/x")).json() == {"next": True}
    assert crm.connections == 2


async def test_a_usual_client_would_take_it_for_the_next_answer(crm: RawUpstream) -> None:
    """The control: what the two tests above keep from happening does happen to an ordinary pooled client."""
    crm.script = LIES["a second answer"]
    async with httpx.AsyncClient(base_url=crm.url, trust_env=False) as client:
        assert (await client.get("/x")).json() == {}
        assert (await client.get("/x")).json() == {"smuggled": True}


async def test_ten_gigabytes_are_cut_at_the_cap_and_never_held(front: Front, crm: RawUpstream) -> None:
    crm.script, sent = endless(head=CHUNKED, part=CHUNK)
    process, got = psutil.Process(), 0
    before, most, started = process.memory_info().rss, 0, time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        async with front.client.stream("GET", "/crm/x") as given:
            async for part in given.aiter_raw():
                got += len(part)
                most = max(most, process.memory_info().rss)
    assert got <= QUICK["upstream_limit_bytes"]
    assert sent[0] < 40 * MIB
    assert most - before < 64 * MIB
    assert time.monotonic() - started < 30
    assert (await front.get("/auth/me")).status_code == 200


async def test_a_declared_length_over_the_cap_is_refused_before_anything_is_sent(
    front: Front, crm: RawUpstream
) -> None:
    crm.script, sent = endless(head=HEAD + b"Content-Length: 10000000000\r\n\r\n", part=PART)
    assert problem(await front.get("/crm/x")) == (502, "upstream_answer_too_large")
    assert sent[0] < 40 * MIB
    crm.script = saying(answer())
    assert {(await front.get("/crm/x")).status_code for _ in range(6)} == {200}


async def test_a_client_that_does_not_read_holds_the_upstream_back_and_is_cut_off(
    world: World, crm: RawUpstream
) -> None:
    crm.script, sent = endless(head=CHUNKED, part=CHUNK)
    async with gateway(world, crm_url=crm.url, upstream_total_seconds=10, upstream_calls_at_once=2) as front:
        _, writer = await asyncio.open_connection("127.0.0.1", front.port, limit=1024)
        writer.write(front.raw("/api/v1/crm/x"))
        after = 0
        while not sent[0] or sent[0] != after:
            after = sent[0]
            await asyncio.sleep(0.5)
        assert problem(await front.get("/crm/x")) == (503, "upstream_unavailable")  # its place is taken
        assert sent[0] - after < 2 * MIB
        assert sent[0] < 40 * MIB
        await asyncio.wait_for(crm.lost.wait(), 30)
        writer.close()
        crm.script = saying(answer())
        assert (await front.get("/crm/x")).status_code == 200


@pytest.mark.parametrize("is_streaming", [False, True])
async def test_a_client_that_leaves_takes_the_call_with_it(world: World, crm: RawUpstream, is_streaming: bool) -> None:
    async def drip(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED)
        while True:
            writer.write(CHUNK)
            await writer.drain()
            await asyncio.sleep(0.1)

    crm.script = drip if is_streaming else stalling
    async with gateway(world, crm_url=crm.url) as front:
        # More than would open the breaker, if these counted. None may be taken for one that has left before it has:
        # where a `receive` had been given up and called again, the server now and then said so.
        for _ in range(15):
            crm.lost.clear()
            before = len(crm.seen)
            reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
            writer.write(front.raw("/api/v1/crm/x"))
            await (reader.readexactly(200_000) if is_streaming else until(lambda: len(crm.seen) > before))  # noqa: B023
            writer.transport.abort()
            await asyncio.wait_for(crm.lost.wait(), 20)  # sooner than the time of the whole call
        crm.script = saying(answer())
        assert (await front.get("/crm/x")).status_code == 200


async def test_answers_in_pieces_come_whole_time_after_time(front: Front, crm: RawUpstream) -> None:
    crm.script = saying(CHUNKED, *([CHUNK] * 4), b"0\r\n\r\n", pause=0.02)
    for _ in range(30):
        assert len((await front.get("/crm/x")).content) == 4 * len(PART)


async def test_a_client_that_leaves_within_its_body_takes_the_call_with_it(front: Front, crm: RawUpstream) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", front.port)
    writer.write(front.raw("/api/v1/crm/x", method="POST", more="Content-Length: 1000\r\n") + b"x" * 500)
    await until(lambda: bool(crm.seen))
    writer.close()
    await asyncio.wait_for(crm.lost.wait(), 20)
    assert (await front.get("/crm/x")).status_code == 200


async def test_a_client_that_sends_slowly_is_told_so_and_the_upstream_not_blamed(
    front: Front, crm: RawUpstream
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(9)

    found = await asyncio.gather(*(front.client.post("/crm/x", content=parts()) for _ in range(6)))
    assert {problem(given) for given in found} == {(408, "body_timeout")}
    assert (await front.get("/crm/x")).status_code == 200


async def test_one_that_takes_no_body_is_a_time_out(front: Front, crm: RawUpstream) -> None:
    async def deaf(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    crm.reads_bodies, crm.script = False, deaf
    given = await front.client.post("/crm/x", content=b"x" * MIB)
    assert problem(given) == (504, "upstream_timeout")
    crm.close_connections()


@pytest.mark.parametrize(("method", "statuses", "calls"), [("GET", [200, 200], 3), ("POST", [200, 502], 2)])
async def test_only_what_may_happen_twice_is_tried_again(
    front: Front, crm: RawUpstream, method: str, statuses: list[int], calls: int
) -> None:
    crm.script = closing_after(1)
    retries = UPSTREAM_RETRIES.labels("crm")._value.get()
    assert [(await front.client.request(method, "/crm/x")).status_code for _ in range(2)] == statuses
    assert len(crm.seen) == calls
    assert UPSTREAM_RETRIES.labels("crm")._value.get() - retries == calls - 2


async def test_a_body_that_has_been_taken_is_not_sent_again(front: Front, crm: RawUpstream) -> None:
    crm.script = saying(b"", then_close=True)
    assert problem(await front.client.put("/crm/x", content=b"x" * 10)) == (502, "upstream_failed")
    assert len(crm.seen) == 1


async def test_a_restarted_upstream_costs_nobody_a_call(front: Front, crm: RawUpstream) -> None:
    for _ in range(3):
        assert (await front.client.post("/crm/x")).status_code == 200
        crm.close_connections()
        await asyncio.sleep(0.05)
    assert (len(crm.seen), crm.connections) == (3, 3)


async def test_one_tenant_takes_half_of_the_places_at_most(world: World, crm: RawUpstream) -> None:
    crm.script = saying(answer(), pause=0)
    async with gateway(world, crm_url=crm.url, upstream_calls_at_once=4) as front:
        globex = (await world.sign_in("admin@globex.example")).headers
        may_answer = asyncio.Event()
        crm.script = slowly(may_answer)
        tasks = [asyncio.create_task(front.get("/crm/x")) for _ in range(4)]
        await until(lambda: sum(task.done() for task in tasks) == 2 and len(crm.seen) == 2)
        other = asyncio.create_task(front.get("/crm/x", headers=globex))
        await until(lambda: len(crm.seen) == 3)
        may_answer.set()
        theirs, *found = await asyncio.gather(other, *tasks)
    assert sorted(item.status_code for item in found) == [200, 200, 503, 503]
    assert next(item for item in found if item.status_code == 503).headers["retry-after"] == "1"
    assert theirs.status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_names_of_tenants_that_hang_take_it_from_nobody(world: World, crm: RawUpstream, host: str) -> None:
    is_over = threading.Event()
    for _ in range(outgoing.NAMES_AT_ONCE):
        outgoing._names().submit(is_over.wait)
    of_a_tenant = asyncio.create_task(outgoing.resolve("localhost", 443))
    try:
        async with gateway(world, crm_url=f"http://{host}:{crm.port}", **QUICK) as front:
            for _ in range(6):
                assert (await front.get("/crm/x")).status_code == 200
                crm.close_connections()
            assert crm.connections == 6
            assert not of_a_tenant.done()
    finally:
        is_over.set()
    assert "127.0.0.1" in await of_a_tenant
