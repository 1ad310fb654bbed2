"""The deployed edge in front of a real server: TLS, the pages' socket, and what two parsers could read differently."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator

import aiohttp
import httpx
import pytest
import socketio

from tests.attack.test_sockets import MEMBER_STATE
from tests.support.edge import Edge
from tests.support.servers import Server
from tests.support.tabs import PASSWORD, Tab

LOGIN = "/api/v1/auth/login"
HERE = "127.0.0.1"
ELSEWHERE = "127.0.0.2"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    folder = tmp_path_factory.mktemp("edge")
    value = Edge(folder / "envoy")
    server = Server(
        folder / "data", BIZOSAAS_PUBLIC_URL=value.url, BIZOSAAS_TRUSTED_PROXIES=f"{HERE}/32", BIZOSAAS_DEMO="0"
    )
    try:
        server.start()
        yield value.start(server.port)
    finally:
        value.stop()
        server.stop()


def client(edge: Edge, *, address: str | None = None) -> httpx.Client:
    transport = httpx.HTTPTransport(verify=edge.tls(), local_address=address)
    return httpx.Client(base_url=edge.url, transport=transport, timeout=30)


def sign_in(edge: Edge, **headers: str) -> httpx.Response:
    with client(edge, address=ELSEWHERE) as api:
        answer = api.post(LOGIN, json={"email": "client@acme.demo", "password": PASSWORD}, headers=headers)
        return answer.raise_for_status()


def exchange(edge: Edge, raw: bytes, *, slowly: bytes = b"", seconds: float = 40) -> bytes:
    """Send these bytes over TLS, then further ones at one a second, and give what comes until the end."""
    plain = socket.create_connection((HERE, edge.port), timeout=10)
    with edge.tls().wrap_socket(plain, server_hostname="localhost") as line:
        line.sendall(raw)
        answer, deadline, left = b"", time.monotonic() + seconds, list(slowly)
        line.settimeout(1)
        while time.monotonic() < deadline:
            try:
                part = line.recv(65536)
            except TimeoutError:
                if b"\r\n\r\n" in answer and not slowly:
                    break
                if left:
                    try:
                        line.sendall(bytes([left.pop(0)]))
                    except OSError:
                        break
                continue
            except OSError:
                break
            if not part:
                break
            answer += part
        return answer


def request(edge: Edge, *lines: str, target: str = "/health/live", method: str = "GET", host: bool = True) -> bytes:
    head = [f"{method} {target} HTTP/1.1", *([f"Host: localhost:{edge.port}"] if host else []), *lines]
    return ("\r\n".join(head) + "\r\n\r\n").encode()


def status(answer: bytes) -> int:
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def test_plain_http_is_sent_to_https(edge: Edge) -> None:
    answer = httpx.get(f"http://localhost:{edge.http_port}/portal?a=1", timeout=10)
    assert (answer.status_code, answer.headers["location"]) == (301, f"{edge.url}/portal?a=1")
    stranger = httpx.get(f"http://localhost:{edge.http_port}/", headers={"Host": "evil.example"}, timeout=10)
    assert stranger.status_code == 404


def test_answers_come_over_tls_under_our_name_only(edge: Edge) -> None:
    with client(edge) as api:
        assert api.get("/health/live").json() == {"status": "ok"}
        assert api.get("/health/live", headers={"Host": "evil.example"}).status_code == 404
        assert api.get("/metrics").status_code == 404
    assert status(exchange(edge, request(edge, target=f"http://evil.example:{edge.port}/health/live"))) == 404


def test_what_a_client_says_about_its_address_is_dropped(edge: Edge) -> None:
    spoofed = {
        "X-Forwarded-For": "198.51.100.7",
        "X-Real-IP": "198.51.100.7",
        "Forwarded": "for=198.51.100.7",
        "X-Forwarded-Proto": "http",
    }
    token = sign_in(edge, **spoofed).json()["access_token"]
    with client(edge) as api:
        sessions = api.get("/api/v1/auth/sessions", headers={"Authorization": f"Bearer {token}"}).json()["items"]
    assert [row["address"] for row in sessions if row["is_current"]] == [ELSEWHERE]


async def test_the_socket_of_a_page_goes_through(edge: Edge) -> None:
    signed_in = await asyncio.to_thread(sign_in, edge)
    cookie = "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=edge.tls())) as http:
        line = socketio.AsyncClient(reconnection=False, http_session=http)
        tab = Tab(line, "3f1c6a4e-7f0b-4a57-9a3f-5d5c0f8f2b11")
        line.on("event", lambda update: tab.deltas.append(update.get("delta") or {}), namespace="/_event")
        await line.connect(
            f"{edge.url}?token={tab.token}",
            headers={"Cookie": cookie, "Origin": edge.url},
            transports=["websocket"],
            socketio_path="_event",
            namespaces=["/_event"],
        )
        await tab.send("reflex___state____state.hydrate_and_load")
        await tab.send(f"{MEMBER_STATE}.enter")
        assert "client@acme.demo" in tab.text()
        await line.disconnect()


CHUNK = "5\r\nhello\r\n0\r\n\r\n"
SMUGGLED = {
    "length and chunks": (("Content-Length: 5", "Transfer-Encoding: chunked"), {}, CHUNK),
    "a second coding": (("Transfer-Encoding: identity, chunked",), {}, CHUNK),
    "two lengths": (("Content-Length: 5", "Content-Length: 6"), {}, "hello!"),
    "two hosts": (("Host: evil.example",), {}, ""),
    "no host": ((), {"host": False}, ""),
    "an encoded slash": ((), {"target": "/api/v1%2fauth/me"}, ""),
    "an encoded zero": ((), {"target": "/health%00/live"}, ""),
    "underscores": (("X_Tenant_Id: 1", "X-Tenant-Id: 1"), {}, ""),
    "trace": ((), {"method": "TRACE"}, ""),
    "connect": ((), {"method": "CONNECT"}, ""),
    "a space before the colon": (("Content-Length : 5",), {}, "hello"),
    "two hundred kilobytes of headers": (tuple(f"X-{n}: {'a' * 4000}" for n in range(50)), {}, ""),
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_what_two_parsers_could_read_differently_is_refused(edge: Edge, name: str) -> None:
    lines, options, body = SMUGGLED[name]
    method = options.get("method", "POST" if body else "GET")
    answer = exchange(edge, request(edge, *lines, **{**options, "method": method}) + body.encode(), seconds=10)
    assert 400 <= status(answer) < 500 or status(answer) == 501 or answer == b""
    assert answer.count(b"HTTP/1.1 ") <= 1


def test_what_is_only_oddly_written_is_set_right_before_anybody_decides_by_it(edge: Edge) -> None:
    dotted = exchange(edge, request(edge, target="/api/%2e%2e/x/../health/./live"))
    folded = exchange(edge, request(edge, "X-A: 1\r\n  2"))
    assert (status(dotted), status(folded)) == (200, 200)
    assert status(exchange(edge, request(edge, target="/x/%2e%2e//metrics"))) == 404


def test_an_upgrade_to_http2_without_tls_does_not_happen(edge: Edge) -> None:
    lines = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA")
    assert status(exchange(edge, request(edge, *lines))) in (200, 400, 403)


def test_a_socket_is_opened_at_its_address_only(edge: Edge) -> None:
    lines = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + "A" * 24)
    assert status(exchange(edge, request(edge, *lines, target="/api/v1/auth/me"))) == 403


def test_slow_heads_and_slow_bodies_are_given_up(edge: Edge) -> None:
    started = time.monotonic()
    exchange(edge, f"GET / HTTP/1.1\r\nHost: localhost:{edge.port}\r\nX-Slow: ".encode(), slowly=b"a" * 60)
    assert time.monotonic() - started < 30
    started = time.monotonic()
    head = request(edge, "Content-Type: application/json", "Content-Length: 60", method="POST", target=LOGIN)
    answer = exchange(edge, head, slowly=b" " * 60)
    assert time.monotonic() - started < 35
    assert status(answer) == 408


def test_a_body_over_the_limit_is_refused_by_the_application(edge: Edge) -> None:
    with client(edge) as api:
        answer = api.post(LOGIN, content=b"x" * (1024 * 1024 + 1), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
