"""What stands between a client and a server, and holds back one answer until it is told to let it go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Relay:
    """Passes bytes on between clients and a server; once closed it refuses connections and ends those it has."""

    def __init__(self, target: str) -> None:
        self._host, self._port = urlsplit(target).hostname, urlsplit(target).port
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._wanted: bytes | None = None
        self._is_free = asyncio.Event()
        self._is_silent = False
        self.unanswered = 0
        """Requests that came since it fell silent."""
        self.is_held = asyncio.Event()
        """Set when the server has answered what is held back: whatever it did is done."""

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the relay is not open")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)

    def hold(self, request: str) -> None:
        """Hold back the answer to the next request that begins so, such as `GET /path`."""
        self._wanted = request.encode()
        self.is_held.clear()
        self._is_free.clear()

    def let_go(self) -> None:
        """Pass on what is held back."""
        self._is_free.set()

    def fall_silent(self) -> None:
        """Take what clients send and pass nothing on any more, as a server that hangs."""
        self._is_silent = True

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.close()
        self._is_free.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        self._writers += [writer, far_writer]
        is_wanted = asyncio.Event()
        with suppress(OSError):
            await asyncio.gather(
                self._pass_requests(reader, far_writer, is_wanted), self._pass_answers(far_reader, writer, is_wanted)
            )

    async def _pass_requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_wanted: asyncio.Event
    ) -> None:
        while chunk := await reader.read(65_536):
            if self._wanted is not None and chunk.startswith(self._wanted):
                self._wanted = None
                is_wanted.set()
            if self._is_silent:
                self.unanswered += chunk.count(b" HTTP/1.1\r\n")
                continue
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def _pass_answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_wanted: asyncio.Event
    ) -> None:
        while chunk := await reader.read(65_536):
            if is_wanted.is_set():
                is_wanted.clear()
                self.is_held.set()
                await self._is_free.wait()
            writer.write(chunk)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def relaying(target: str) -> AsyncIterator[Relay]:
    """Give a relay to the server at this URL."""
    relay = Relay(target)
    await relay.open()
    try:
        yield relay
    finally:
        await relay.close()
