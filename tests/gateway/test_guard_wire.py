"""Raw requests against Granian, each also without the guard: there it reaches the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bizosaas_app.gateway.http.guard import guard
from tests.gateway.asgi import Answer, Recorder, exchange, granian, policy, read_answer

HOST = "Host: app.example.com\r\n"
CLOSE = "Connection: close\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
DEADLINE_SECONDS = 0.3


@dataclass
class Servers:
    guarded: int
    behind: Recorder
    bare: int
    bare_app: Recorder


@pytest.fixture(scope="module")
async def servers() -> AsyncIterator[Servers]:
    behind, bare_app = Recorder(), Recorder()
    async with granian(guard(behind, policy())) as guarded, granian(bare_app) as bare:
        yield Servers(guarded, behind, bare, bare_app)


@pytest.fixture(autouse=True)
def forget(servers: Servers) -> None:
    servers.behind.reached.clear()
    servers.bare_app.reached.clear()


def assert_problem(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status
    assert answer.header("content-type") == "application/problem+json"
    assert answer.header("connection") == "close"
    document = answer.json()
    assert (document["status"], document["code"]) == (status, code)
    assert document["request_id"] == answer.header("x-request-id")


REFUSED = {
    "two hosts": (f"GET /a HTTP/1.1\r\n{HOST}Host: evil.example\r\n{CLOSE}\r\n", 400, "host_invalid"),
    "no host": (f"GET /a HTTP/1.1\r\n{CLOSE}\r\n", 400, "host_invalid"),
    "foreign host": (f"GET /a HTTP/1.1\r\nHost: evil.example\r\n{CLOSE}\r\n", 400, "host_not_allowed"),
    "host with path": (f"GET /a HTTP/1.1\r\nHost: app.example.com/x\r\n{CLOSE}\r\n", 400, "host_not_allowed"),
    "identity, chunked": (
        f"POST /a HTTP/1.1\r\n{HOST}{CLOSE}Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        400,
        "framing_ambiguous",
    ),
    "two codings": (
        f"POST /a HTTP/1.1\r\n{HOST}{CLOSE}Transfer-Encoding: identity\r\n{CHUNKED}\r\n0\r\n\r\n",
        400,
        "framing_ambiguous",
    ),
    "dot segments": (f"GET /crm/../admin HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 400, "target_invalid"),
    "escaped dot segments": (f"GET /crm/%2e%2E/admin HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 400, "target_invalid"),
    "escaped slash": (f"GET /crm%2fadmin HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 400, "target_invalid"),
    "escaped backslash": (f"GET /crm%5Cadmin HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 400, "target_invalid"),
    "escaped NUL": (f"GET /a%00.png HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 400, "target_invalid"),
    "asterisk": (f"OPTIONS * HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 400, "target_invalid"),
    "long target": (f"GET /{'a' * 9000} HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 414, "target_too_long"),
    "underscore": (f"GET /a HTTP/1.1\r\n{HOST}{CLOSE}X_Tenant_Id: globex\r\n\r\n", 400, "header_invalid"),
    "TRACE": (f"TRACE /a HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 405, "method_not_allowed"),
    "lower case method": (f"get /a HTTP/1.1\r\n{HOST}{CLOSE}\r\n", 405, "method_not_allowed"),
    "declared too long": (
        f"POST /a HTTP/1.1\r\n{HOST}{CLOSE}Content-Length: 1001\r\n\r\n{'x' * 1001}",
        413,
        "body_too_large",
    ),
    "chunked too long": (
        f"POST /a HTTP/1.1\r\n{HOST}{CLOSE}{CHUNKED}\r\n3e8\r\n{'x' * 1000}\r\n1\r\nx\r\n0\r\n\r\n",
        413,
        "body_too_large",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_bad_request_is_refused_with_a_problem(servers: Servers, case: str) -> None:
    request, status, code = REFUSED[case]
    assert_problem(await exchange(servers.guarded, request), status, code)
    if case != "chunked too long":  # whose head is fine, so that the application had begun to read
        assert servers.behind.reached == []


@pytest.mark.parametrize("case", REFUSED)
async def test_without_the_guard_the_same_bytes_are_served(servers: Servers, case: str) -> None:
    answer = await exchange(servers.bare, REFUSED[case][0])
    assert (answer.status, len(servers.bare_app.reached)) == (200, 1)


@pytest.mark.parametrize("request_line", ["CONNECT evil.example:443", "CONNECT /a"])
async def test_connect_never_reaches_the_application(servers: Servers, request_line: str) -> None:
    await exchange(servers.guarded, f"{request_line} HTTP/1.1\r\n{HOST}{CLOSE}\r\n")
    assert servers.behind.reached == []


@pytest.mark.parametrize(
    "lengths", [f"Content-Length: 5\r\n{CHUNKED}", f"{CHUNKED}Content-Length: 5\r\n"], ids=["CL.TE", "TE.CL"]
)
async def test_a_request_behind_an_ambiguous_one_is_never_served(servers: Servers, lengths: str) -> None:
    # Granian drops the length before the application could see it, reads by chunks and closes (RFC 9112 6.1).
    smuggled = f"GET /smuggled HTTP/1.1\r\n{HOST}\r\n"
    await exchange(servers.guarded, f"POST /a HTTP/1.1\r\n{HOST}{lengths}\r\n0\r\n\r\n{smuggled}")
    assert "/smuggled" not in servers.behind.reached


async def test_pipelined_requests_are_served_when_they_are_clean(servers: Servers) -> None:
    # The control of the test above: a second request on one connection is normally answered.
    pair = f"GET /one HTTP/1.1\r\n{HOST}\r\nGET /two HTTP/1.1\r\n{HOST}{CLOSE}\r\n"
    await exchange(servers.guarded, pair)
    assert servers.behind.reached == ["/one", "/two"]


@pytest.mark.parametrize(
    "body",
    [f"Content-Length: 1000\r\n\r\n{'x' * 1000}", f"{CHUNKED}\r\n3e8\r\n{'x' * 1000}\r\n0\r\n\r\n"],
    ids=["declared", "chunked"],
)
async def test_a_body_at_the_limit_is_read_whole(servers: Servers, body: str) -> None:
    answer = await exchange(servers.guarded, f"POST /a HTTP/1.1\r\n{HOST}{CLOSE}{body}")
    assert (answer.status, servers.behind.bodies[-1]) == (200, 1000)


async def test_an_upload_path_has_its_own_limit(servers: Servers) -> None:
    head = f"POST /api/v1/imports HTTP/1.1\r\n{HOST}{CLOSE}"
    fits = await exchange(servers.guarded, f"{head}Content-Length: 3000\r\n\r\n{'x' * 3000}")
    over = await exchange(servers.guarded, f"{head}Content-Length: 3001\r\n\r\n{'x' * 3001}")
    assert (fits.status, over.status) == (200, 413)


async def test_a_client_that_only_writes_still_learns_that_its_body_is_too_large() -> None:
    # Far more than the socket buffers hold: without reading on, the server would reset the connection.
    size = 4_000_000
    async with granian(guard(Recorder(), policy(upload_limit_bytes=size))) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"POST /a HTTP/1.1\r\n{HOST}Content-Length: {size}\r\n\r\n".encode())
        for _ in range(size // 100_000):
            writer.write(b"x" * 100_000)
            await writer.drain()
        assert_problem(await read_answer(reader), 413, "body_too_large")
        writer.close()


@pytest.mark.parametrize(
    "beginning", ["Content-Length: 10\r\n\r\nabc", f"{CHUNKED}\r\n3\r\nabc\r\n"], ids=["declared", "chunked"]
)
async def test_a_body_that_does_not_come_is_answered_408(beginning: str) -> None:
    async with granian(guard(Recorder(), policy(body_deadline_seconds=DEADLINE_SECONDS))) as port:
        answer = await exchange(port, f"POST /a HTTP/1.1\r\n{HOST}{beginning}")
    assert_problem(answer, 408, "body_timeout")


async def test_a_body_that_trickles_is_answered_408_though_each_byte_is_in_time() -> None:
    async with granian(guard(Recorder(), policy(body_deadline_seconds=DEADLINE_SECONDS))) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"POST /a HTTP/1.1\r\n{HOST}{CLOSE}Content-Length: 30\r\n\r\n".encode())
        answering = asyncio.create_task(read_answer(reader))
        for _ in range(30):
            writer.write(b"x")
            await asyncio.wait([answering], timeout=DEADLINE_SECONDS / 5)
            if answering.done():
                break
        assert_problem(await answering, 408, "body_timeout")
        writer.close()


async def test_without_the_guard_a_slow_body_is_waited_for(servers: Servers) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", servers.bare)
    writer.write(f"POST /a HTTP/1.1\r\n{HOST}{CLOSE}Content-Length: 4\r\n\r\nabc".encode())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 2 * DEADLINE_SECONDS)
    writer.write(b"d")
    assert (await read_answer(reader)).status == 200
    writer.close()


async def test_an_incoming_request_id_is_kept_and_given_to_the_application(servers: Servers) -> None:
    answer = await exchange(servers.guarded, f"GET /a HTTP/1.1\r\n{HOST}{CLOSE}X-Request-ID: job.7-a_B\r\n\r\n")
    assert answer.header("x-request-id") == "job.7-a_B"
    assert servers.behind.scopes[-1]["state"]["request_id"] == "job.7-a_B"


def handshake(origin: str = "") -> str:
    return (
        f"GET /_event HTTP/1.1\r\n{HOST}{origin}Connection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )


async def first_status(port: int, request: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


async def test_a_socket_opens_from_our_own_pages_and_from_programs_only(servers: Servers) -> None:
    own = "Origin: https://app.example.com\r\n"
    foreign = "Origin: https://evil.example\r\n"
    assert await first_status(servers.guarded, handshake(own)) == 101
    assert await first_status(servers.guarded, handshake()) == 101
    assert servers.behind.reached == ["/_event", "/_event"]
    assert await first_status(servers.guarded, handshake(foreign)) == 403
    assert servers.behind.reached == ["/_event", "/_event"]
    assert await first_status(servers.bare, handshake(foreign)) == 101
