"""A server that takes what it is sent and never answers, as one that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Silent:
    """A server that takes connections and what they send, and never says a word."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.is_asked = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self, port: int) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", port)

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("it does not listen")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        while chunk := await reader.read(65_536):
            self.received += chunk
            self.is_asked.set()
        writer.close()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def silent(port: int = 0) -> AsyncIterator[Silent]:
    """Give one that listens at this port of loopback, or at any."""
    server = Silent()
    await server.open(port)
    try:
        yield server
    finally:
        await server.close()
