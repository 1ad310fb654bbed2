"""The WebSocket side of the guard: a handshake is refused before the application sees it."""

from __future__ import annotations

from typing import Final

from starlette.types import Message, Receive, Scope, Send

from bizosaas_app.gateway.http.headers import AnswerHeaders
from bizosaas_app.gateway.http.problem import Problem

POLICY_VIOLATION: Final = 1008
INTERNAL_ERROR: Final = 1011


class Handshake:
    """A `send` that puts our headers on the answer to a handshake, accepted or not."""

    __slots__ = ("_headers", "_is_secure", "_scope", "_send", "has_answered", "is_open", "request_id")

    def __init__(self, scope: Scope, send: Send, headers: AnswerHeaders, *, request_id: str, is_secure: bool) -> None:
        self._scope = scope
        self._send = send
        self._headers = headers
        self._is_secure = is_secure
        self.request_id = request_id
        self.has_answered = False
        self.is_open = False

    async def send(self, message: Message) -> None:
        """Pass a message of the application on."""
        kind = message["type"]
        if kind == "websocket.accept":
            self.has_answered = self.is_open = True
            request_id = (b"x-request-id", self.request_id.encode("ascii"))
            message = {**message, "headers": [*message.get("headers", ()), request_id]}
        elif kind == "websocket.http.response.start":
            self.has_answered = True
            message = {**message, "headers": self._complete(message)}
        elif kind == "websocket.close":
            self.has_answered = True
            self.is_open = False
        await self._send(message)

    async def refuse(self, receive: Receive, problem: Problem) -> None:
        """Answer the handshake with the problem, or with a bare 403 where the server knows no such answer."""
        await receive()  # the connect message comes first by the protocol
        await self.deny(problem)

    async def deny(self, problem: Problem) -> None:
        """Answer with the problem; the connect message was received before."""
        self.has_answered = True
        if "websocket.http.response" not in (self._scope.get("extensions") or {}):
            await self._send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        body = problem.body(self.request_id)
        pairs = [*problem.header_pairs(), ("content-length", str(len(body)))]
        headers = self._headers.refusal(pairs, request_id=self.request_id.encode("ascii"), is_secure=self._is_secure)
        start = {"type": "websocket.http.response.start", "status": problem.status, "headers": headers}
        await self._send(start)
        await self._send({"type": "websocket.http.response.body", "body": body})

    async def fail(self, problem: Problem) -> None:
        """End the socket after a bug: by the problem before the handshake is answered, else by code 1011."""
        if not self.has_answered:
            await self.deny(problem)
        elif self.is_open:
            self.is_open = False
            await self._send({"type": "websocket.close", "code": INTERNAL_ERROR})

    def _complete(self, message: Message) -> list[tuple[bytes, bytes]]:
        return self._headers.complete(
            message.get("headers", ()),
            path=self._scope["path"],
            status=message["status"],
            request_id=self.request_id.encode("ascii"),
            is_secure=self._is_secure,
        )
