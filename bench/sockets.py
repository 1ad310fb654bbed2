"""Browser tabs in miniature: Reflex's socket spoken over a raw WebSocket, cheap enough to hold hundreds of them.

A tab only notes when a message arrived and hands on its bytes. Reading 300 messages of several kilobytes as JSON
would take longer than the server took to send them, and be counted as its time.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import struct
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

OnText = Callable[["Socket", bytes, float], None]
"""Given the socket, a whole text message, and the time (`perf_counter`) at which its last byte arrived."""
OnEvent = Callable[[bytes, float], None]

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_HYDRATE: Final = "reflex___state____state.hydrate_and_load"


class Socket(asyncio.Protocol):
    """A WebSocket (RFC 6455) to a server on this machine, without extensions."""

    def __init__(self, head: bytes, on_text: OnText) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_closed = False
        self._head = head
        self._on_text = on_text
        self._buffer = bytearray()
        self._parts = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._head)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(f"no WebSocket: {bytes(self._buffer[:200])!r}"))

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._buffer += data
        if not self.opened.done() and not self._accept():
            return
        while (frame := self._frame()) is not None:
            self._take(*frame, now)

    def send(self, text: str) -> None:
        """Send a text message."""
        self._send(_TEXT, text.encode())

    def close(self) -> None:
        """Close without waiting."""
        if self._transport is not None:
            self._transport.close()

    def _accept(self) -> bool:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            self.opened.set_exception(ConnectionError(head.decode("latin-1")))
            self.close()
            return False
        self._buffer = bytearray(rest)
        self.opened.set_result(None)
        return True

    def _frame(self) -> tuple[int, bytes] | None:
        """Take the next whole frame off the buffer."""
        if len(self._buffer) < 2:
            return None
        length, start = self._buffer[1] & 127, 2
        if length >= 126:
            start = 4 if length == 126 else 10
            if len(self._buffer) < start:
                return None
            length = int.from_bytes(self._buffer[2:start], "big")
        if len(self._buffer) < start + length:
            return None
        first, payload = self._buffer[0], bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return first, payload

    def _take(self, first: int, payload: bytes, now: float) -> None:
        kind, is_last = first & 15, bool(first & 128)
        if kind == _PING:
            self._send(_PONG, payload)
        elif kind == _CLOSE:
            self.close()
        else:
            self._parts += payload
            if is_last:
                text, self._parts = bytes(self._parts), bytearray()
                self._on_text(self, text, now)

    def _send(self, kind: int, payload: bytes) -> None:
        """Send a frame; a mask of zeros leaves the bytes as they are."""
        size = len(payload)
        length = struct.pack("!B", 128 | size) if size < 126 else struct.pack("!BH", 254, size)
        assert size < 65_536
        assert self._transport is not None
        self._transport.write(bytes([128 | kind]) + length + bytes(4) + payload)


async def open_socket(
    port: int,
    path: str,
    on_text: OnText,
    headers: Mapping[str, str] | None = None,
    *,
    tls: ssl.SSLContext | None = None,
) -> Socket:
    """Open a WebSocket; raises `ConnectionError` with the server's answer when it is refused."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = {
        "Host": f"localhost:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
        **(headers or {}),
    }
    head = f"GET {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
    loop = asyncio.get_running_loop()
    name = None if tls is None else "localhost"
    _, socket = await loop.create_connection(
        lambda: Socket(head.encode(), on_text), "127.0.0.1", port, ssl=tls, server_hostname=name
    )
    await socket.opened
    return socket


class Tab:
    """One open page: `on_event` is told of every update of its state, as bytes.

    One with the token of an earlier page goes on with that one's state.
    """

    def __init__(self, on_event: OnEvent, *, token: str | None = None) -> None:
        self._on_event = on_event
        self._token = token or str(uuid.uuid4())
        self._joined = asyncio.Event()
        self._socket: Socket | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the socket was opened and is gone."""
        return self._socket is not None and self._socket.is_closed

    async def open(self, port: int, page: str, *, cookie: str, origin: str, tls: ssl.SSLContext | None = None) -> None:
        """Connect as the browser does, and have the page loaded."""
        query = f"token={self._token}&EIO=4&transport=websocket"
        headers = {"Cookie": cookie, "Origin": origin}
        self._socket = await open_socket(port, f"/_event/?{query}", self._receive, headers, tls=tls)
        await asyncio.wait_for(self._joined.wait(), 30)
        self.go(page)

    def go(self, page: str) -> None:
        """Have a page loaded, as a click on a link does."""
        self.act(_HYDRATE, page, {})

    def act(self, name: str, page: str, payload: dict[str, Any]) -> None:
        """Send an event of a page."""
        router = {"pathname": page, "asPath": page, "query": {}}
        self._emit({"name": name, "payload": payload, "router_data": router})

    def close(self) -> None:
        """Leave the page."""
        if self._socket is not None:
            self._socket.close()

    def _emit(self, event: dict[str, Any]) -> None:
        assert self._socket is not None
        self._socket.send(f"42/_event,{json.dumps(['event', event])}")

    def _receive(self, socket: Socket, text: bytes, now: float) -> None:
        """Keep the protocol of Engine.IO 4 and Socket.IO 5: open, join the namespace, answer pings."""
        if text.startswith(b"42/_event,"):
            self._on_event(text, now)
        elif text.startswith(b"40/_event"):
            self._joined.set()
        elif text == b"2":
            socket.send("3")
        elif text.startswith(b"0"):
            socket.send("40/_event,")
