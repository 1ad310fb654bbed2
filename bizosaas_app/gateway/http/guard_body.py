"""The body of a request: counted while it streams, and due by a deadline. Nothing is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

from starlette.types import Message, Receive

from bizosaas_app.gateway.http.guard_refusals import BODY_TOO_SLOW, BodyRefused, body_too_large
from bizosaas_app.gateway.http.problem import Problem

LINGER_SECONDS: Final = 5.0
"""How long we read on after a 413 (nginx `lingering_timeout`)."""


class BodyMeter:
    """A `receive` that ends a body which is too large or too slow.

    It answers by `refuse` at once and raises BodyRefused into the application. To hand out a shortened body
    or a disconnect instead would let a careless reader take the first half for the whole.
    """

    __slots__ = (
        "_deadline",
        "_limit_bytes",
        "_receive",
        "_refuse",
        "_seen_bytes",
        "client_left",
        "is_complete",
        "refusal",
    )

    def __init__(
        self,
        receive: Receive,
        refuse: Callable[[Problem], Awaitable[None]],
        *,
        limit_bytes: int,
        deadline_seconds: float,
    ) -> None:
        self._receive = receive
        self._refuse = refuse
        self._limit_bytes = limit_bytes
        self._deadline = asyncio.get_running_loop().time() + deadline_seconds
        self._seen_bytes = 0
        self.is_complete = False
        self.client_left = False
        self.refusal: Problem | None = None

    async def __call__(self) -> Message:
        """Give the next message; once the body is complete there is no deadline to wait for a disconnect."""
        if self.is_complete:
            return await self._receive()
        if self.refusal is not None:
            raise BodyRefused
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            await self._end(BODY_TOO_SLOW)
        if message["type"] == "http.disconnect":
            self.client_left = self.is_complete = True
            return message
        self._seen_bytes += len(message.get("body", b""))
        if self._seen_bytes > self._limit_bytes:
            await self._end(body_too_large(self._limit_bytes))
        self.is_complete = not message.get("more_body", False)
        return message

    async def _end(self, problem: Problem) -> NoReturn:
        self.refusal = problem
        await self._refuse(problem)
        raise BodyRefused


async def linger(receive: Receive, limit_bytes: int) -> None:
    """Read and drop what the client still sends, up to `limit_bytes` and LINGER_SECONDS.

    Without this the connection is reset while the client writes, and many clients then report the reset
    instead of the answer that explains it.
    """
    seen_bytes = 0
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while seen_bytes <= limit_bytes:
                message = await receive()
                seen_bytes += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return
