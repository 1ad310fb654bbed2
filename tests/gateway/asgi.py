"""Drives ASGI applications without a server, and Granian within the test's own loop."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bizosaas_app.gateway.http.guard import GuardPolicy

HOST = (b"host", b"app.example.com")
ORIGIN = "https://app.example.com"


def header(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode(), value.encode("latin-1")


def policy(**changes: Any) -> GuardPolicy:
    """A production policy with limits that a test reaches with a few bytes."""
    values: dict[str, Any] = {
        "allowed_hosts": ("app.example.com",),
        "allowed_origins": (ORIGIN,),
        "is_production": True,
        "body_limit_bytes": 1000,
        "upload_limit_bytes": 3000,
        "upload_prefixes": ("/api/v1/imports",),
    }
    return GuardPolicy(**{**values, **changes})


@dataclass
class Answer:
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    messages: list[Message] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value.decode("latin-1") for key, value in self.headers if key.decode().lower() == name]

    def header(self, name: str) -> str:
        (value,) = self.all(name)
        return value

    def json(self) -> Any:
        return json.loads(self.body)


class Recorder:
    """An application that remembers what reached it."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.bodies: list[int] = []
        self.scopes: list[Scope] = []
        self.answer_headers: list[tuple[bytes, bytes]] = [(b"content-type", b"text/plain")]
        self.status = 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        self.scopes.append(scope)
        self.reached.append(scope["path"])
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 1000})
            return
        self.bodies.append(await _read_all(receive))
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.answer_headers)})
        await send({"type": "http.response.body", "body": b"reached"})


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("the password is hunter2")


async def _read_all(receive: Receive) -> int:
    seen = 0
    while True:
        message = await receive()
        seen += len(message.get("body", b""))
        if not message.get("more_body", False):
            return seen


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def http_scope(
    path: str = "/",
    *,
    method: str = "GET",
    headers: Sequence[tuple[bytes, bytes]] = (),
    raw_path: bytes | None = None,
    query: bytes = b"",
    host: Sequence[tuple[bytes, bytes]] = (HOST,),
    **changes: Any,
) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": raw_path if raw_path is not None else path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [*host, *headers],
        "client": ("203.0.113.9", 5000),
        "server": ("127.0.0.1", 8000),
        **changes,
    }


def chunked_post(path: str = "/") -> Scope:
    """Give a POST whose body has no declared length."""
    return http_scope(path, method="POST", headers=[header("transfer-encoding", "chunked")])


async def ask(app: ASGIApp, scope: Scope, chunks: Iterable[bytes] = ()) -> Answer:
    """Serve one request in this task and give its answer."""
    pending = list(chunks) or [b""]
    answer = Answer()

    async def receive() -> Message:
        if not pending:
            return {"type": "http.disconnect"}
        body = pending.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(pending)}

    async def send(message: Message) -> None:
        answer.messages.append(message)
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


async def shake(app: ASGIApp, headers: Sequence[tuple[bytes, bytes]] = (), **changes: Any) -> list[Message]:
    """Open a socket and give what the application sent."""
    scope = http_scope("/_event", headers=headers, **changes)
    del scope["method"]
    scope.update(type="websocket", scheme="ws", subprotocols=[])
    received: list[Message] = []
    sent: list[Message] = []

    async def receive() -> Message:
        received.append({"type": "websocket.connect"})
        return received[-1]

    async def send(message: Message) -> None:
        assert received, "the protocol wants the connect message read before any answer"
        sent.append(message)

    await app(scope, receive, send)
    return sent


@asynccontextmanager
async def granian(app: ASGIApp) -> AsyncIterator[int]:
    """Serve the application by Granian, the server of production, on a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    running = asyncio.create_task(server.serve())
    try:
        await _until_open(port)
        yield port
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # Granian leaves it untyped
        await running


async def _until_open(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        await writer.wait_closed()
        return


async def exchange(port: int, request: str | bytes) -> Answer:
    """Send raw bytes and give the first answer; `body` holds all that came until the server closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode("latin-1") if isinstance(request, str) else request)
    answer = await read_answer(reader)
    writer.close()
    return answer


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Read until the server closes the connection, which each of these requests asks for or provokes."""
    try:
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    except ConnectionResetError:
        return Answer()
    status, *lines = head.split(b"\r\n")
    pairs = [line.split(b": ", 1) for line in lines]
    headers = [(name, value) for name, value in pairs]
    return Answer(int(status.split()[1]) if status else 0, headers, body)
