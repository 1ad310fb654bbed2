"""One request and its answer at the guard."""

from __future__ import annotations

from starlette.types import Message, Scope, Send

from bizosaas_app.gateway.http.headers import AnswerHeaders, answer_headers
from bizosaas_app.gateway.http.problem import Problem


class Exchange:
    """A `send` that completes the headers and knows whether the answer has begun."""

    __slots__ = ("_headers", "_is_secure", "_scope", "_send", "has_started", "is_refused", "request_id")

    def __init__(self, scope: Scope, send: Send, headers: AnswerHeaders, *, request_id: str, is_secure: bool) -> None:
        self._scope = scope
        self._send = send
        self._headers = headers
        self._is_secure = is_secure
        self.request_id = request_id
        self.has_started = False
        self.is_refused = False

    async def send(self, message: Message) -> None:
        """Pass a message of the application on; after a refusal it has nothing more to say."""
        if self.is_refused:
            return
        if message["type"] == "http.response.start":
            self.has_started = True
            self._note_status(message["status"])
            headers = self._headers.complete(
                message.get("headers", ()),
                path=self._scope["path"],
                status=message["status"],
                request_id=self.request_id.encode("ascii"),
                is_secure=self._is_secure,
                extra=answer_headers(self._scope),
            )
            message = {**message, "headers": headers}
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Answer with the problem and let the application say no more; an answer under way is left torn."""
        self.is_refused = True
        if self.has_started:
            return
        self.has_started = True
        self._note_status(problem.status)
        body = problem.body(self.request_id)
        pairs = [*problem.header_pairs(), ("content-length", str(len(body)))]
        if self._scope["http_version"].startswith("1"):
            # What follows on this connection may be the rest of a body that we did not read.
            pairs.append(("connection", "close"))
        headers = self._headers.refusal(
            pairs,
            request_id=self.request_id.encode("ascii"),
            is_secure=self._is_secure,
            extra=answer_headers(self._scope),
        )
        await self._send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": b"" if self._scope["method"] == "HEAD" else body})

    def _note_status(self, status: int) -> None:
        """Keep the answer's status with the request, for its span."""
        self._scope["state"]["status"] = status
