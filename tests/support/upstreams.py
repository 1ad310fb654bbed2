"""Upstreams that answer whatever a test wants, byte by byte, and the gateway before them on a port of its own."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from bizosaas_app.gateway.http.app import UPLOAD_PREFIXES, build_api
from bizosaas_app.gateway.http.guard import guard
from bizosaas_app.gateway.http.guard_policy import policy_from
from bizosaas_app.gateway.upstreams import running
from bizosaas_app.kernel import resources as kernel_resources
from tests.gateway.asgi import granian
from tests.support.world import World

JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n" + b'{"id": "a"}'
ADMIN = "admin@acme.example"
PATIENCE_SECONDS = 60


@dataclass
class Seen:
    """A request as it reached the upstream."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]

    def header(self, name: str) -> str:
        (value,) = self.all(name)
        return value


Script = Callable[[Seen, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def saying(*parts: bytes, then_close: bool = False, pause: float = 0) -> Script:
    """Give a script that sends these parts."""

    async def answer(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        if then_close:
            writer.close()

    return answer


def answer(body: bytes = b"{}", *, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    """Give a whole answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode("latin-1") + body


def slowly(may_answer: asyncio.Event, said: bytes = answer()) -> Script:
    """Give a script that answers once it may."""

    async def script(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await may_answer.wait()
        writer.write(said)

    return script


def closing_after(answers: int) -> Script:
    """Give a script that answers so often, and then leaves without a word when asked."""
    left = [answers]

    async def script(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left[0] -= 1
        if left[0] == -1:
            writer.close()
        else:
            writer.write(answer())

    return script


@dataclass
class RawUpstream:
    """A server on a socket; `script` is what it does with each request."""

    port: int = 0
    script: Script = field(default_factory=lambda: saying(JSON))
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the other side has left in the middle of something."""
    reads_bodies: bool = True
    scheme: str = "http"
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        is_idle = True
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                seen = parsed(head)
                self.seen.append(seen)
                is_idle = False
                if self.reads_bodies:
                    seen.body = await read_body(seen, reader)
                await self.script(seen, reader, writer)
                is_idle = True
        except asyncio.IncompleteReadError as error:
            if error.partial or not is_idle:
                self.lost.set()
        except ConnectionError:
            self.lost.set()
        finally:
            self._open.discard(writer)
            writer.close()

    def close_connections(self) -> None:
        """Leave every open connection, as a restarted server does."""
        for writer in list(self._open):
            writer.close()


def parsed(head: str) -> Seen:
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = [(line.partition(":")[0], line.partition(":")[2].strip()) for line in lines]
    return Seen(method, target, pairs)


async def read_body(seen: Seen, reader: asyncio.StreamReader) -> bytes:
    if seen.all("transfer-encoding"):
        body = b""
        while size := int((await reader.readuntil(b"\r\n")), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\r\n")
        return body
    return await reader.readexactly(int((seen.all("content-length") or ["0"])[0]))


@asynccontextmanager
async def raw_upstream(
    script: Script = saying(JSON),  # noqa: B008  # a pure function
    *,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[RawUpstream]:
    value = RawUpstream(script=script, scheme="http" if tls is None else "https")
    server = await asyncio.start_server(value.serve, "127.0.0.1", 0, ssl=tls)
    value.port = server.sockets[0].getsockname()[1]
    try:
        yield value
    finally:
        server.close()
        value.close_connections()


@dataclass
class Front:
    """The gateway on a port, and a signed-in client of it."""

    world: World
    port: int
    client: httpx.AsyncClient
    token: str

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.client.get(path, **more)

    def raw(self, path: str, *, method: str = "GET", more: str = "") -> bytes:
        """Give the bytes of a request as a signed-in client sends it."""
        return (
            f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\n"
            f"Authorization: Bearer {self.token}\r\n{more}\r\n"
        ).encode()


def problem(given: httpx.Response) -> tuple[int, str]:
    assert given.headers["content-type"] == "application/problem+json"
    return given.status_code, given.json()["code"]


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it has not come to hold"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def gateway(world: World, email: str = ADMIN, **settings: Any) -> AsyncIterator[Front]:
    """Serve the whole API by Granian, with these settings changed; the client is signed in as `email`."""
    changed = world.resources.settings.model_copy(update=settings)
    world.resources = replace(world.resources, settings=changed)
    kernel_resources.install(world.resources)
    app = guard(build_api(changed), policy_from(changed, upload_prefixes=UPLOAD_PREFIXES))
    signed_in = await world.sign_in(email)
    async with running.running(changed, world.resources.secrets), granian(app) as port:
        base = f"http://localhost:{port}/api/v1"
        async with httpx.AsyncClient(base_url=base, headers=signed_in.headers, timeout=60, trust_env=False) as client:
            yield Front(world, port, client, signed_in.token)
