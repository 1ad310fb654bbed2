"""A client that costs next to nothing: HTTP/1.1 over one kept-alive connection, enough for our own answers.

A comfortable client takes longer for a request than a small answer takes to make, and would be what is measured.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any


class Wire:
    """One connection to a server on this machine; over TLS where a context for it is given."""

    def __init__(
        self, port: int, headers: Mapping[str, str] | None = None, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._port = port
        self._tls = tls
        lines = {"Host": f"localhost:{port}", "Accept": "application/json", **(headers or {})}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def get(self, path: str) -> tuple[int, bytes]:
        """Ask for a path; give status and body."""
        return await self._exchange(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())

    async def post(self, path: str, document: Any) -> tuple[int, bytes]:
        """Send a JSON document; give status and body."""
        return await self._send("POST", path, document)

    async def patch(self, path: str, document: Any) -> tuple[int, bytes]:
        """Send a JSON document with what is to change; give status and body."""
        return await self._send("PATCH", path, document)

    async def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()
            self._reader = self._writer = None

    async def _send(self, method: str, path: str, document: Any) -> tuple[int, bytes]:
        body = json.dumps(document).encode()
        told = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return await self._exchange(f"{method} {path} HTTP/1.1\r\n{self._head}{told}".encode() + body)

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._port, ssl=self._tls, server_hostname=None if self._tls is None else "localhost"
            )
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        return status, await self._body(self._reader, head.lower())

    async def _body(self, reader: asyncio.StreamReader, head: bytes) -> bytes:
        _, found, rest = head.partition(b"\r\ncontent-length:")
        if found:
            return await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))
        if b"transfer-encoding: chunked" not in head:
            return b""
        parts: list[bytes] = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readline()
        return b"".join(parts)


def checked(answer: tuple[int, bytes], status: int = 200) -> bytes:
    """Give the body of an answer; raises `AssertionError` for another status: a refusal is no sample."""
    assert answer[0] == status, answer
    return answer[1]
