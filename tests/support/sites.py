"""A small site on the loopback for tests of the fetcher."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PLAIN = "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\nConnection: close\r\n{more}\r\n"


@dataclass(slots=True)
class Site:
    """What the site serves by path, and the requests that reached it."""

    port: int = 0
    answers: dict[str, bytes | Callable[[], bytes]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def page(self, path: str, body: bytes | str, kind: str = "text/html; charset=utf-8", more: str = "") -> None:
        raw = body.encode() if isinstance(body, str) else body
        self.answers[path] = PLAIN.format(kind=kind, size=len(raw), more=more).encode() + raw

    def packed(self, path: str, body: bytes) -> None:
        self.page(path, gzip.compress(body), more="Content-Encoding: gzip\r\n")

    def redirect(self, path: str, target: str) -> None:
        head = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n"
        self.answers[path] = f"{head}Set-Cookie: a=b; Path=/\r\n\r\n".encode()


@asynccontextmanager
async def serve(tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    """Serve a site on a free port of the loopback, encrypted where a certificate is given."""
    site = Site()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ", 2)[1]
            site.requests.append(head)
            if path in site.silent:
                await reader.read()
            given = site.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.write(given() if callable(given) else given)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site
