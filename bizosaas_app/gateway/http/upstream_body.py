"""The body of a request that is handed on while it comes, and the moment at which the client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

from bizosaas_app.gateway.upstreams.faults import ClientLeft

T = TypeVar("T")


class RequestBody:
    """What the client sends, chunk by chunk; after the last one, whether it is still there."""

    def __init__(self, receive: Receive, *, is_empty: bool) -> None:
        self._receive = receive
        self._is_over = asyncio.Event()
        self._leaving: asyncio.Task[None] | None = None
        self.is_touched = False
        if is_empty:
            self._is_over.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the chunks; raises `ClientLeft`, or what the guard raises for a body that is too large or too slow."""
        while not self._is_over.is_set():
            self.is_touched = True
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            if not message.get("more_body", False):
                self._is_over.set()
            if message.get("body"):
                yield message["body"]

    async def unless_left(
        self, work: Coroutine[Any, Any, T], *, drop: Callable[[T], Awaitable[None]] | None = None
    ) -> T:
        """Give what the work gives; when the client leaves before, the work is cancelled and `ClientLeft` raised.

        `drop` lets go of what the work gave when nobody takes it any more: it may end while it is being cancelled.
        """
        if self._leaving is None:
            # One for the whole request: where a `receive` was given up, the next may say that the client has left.
            self._leaving = asyncio.create_task(self._left())
        working = asyncio.create_task(work)
        is_taken = False
        try:
            await asyncio.wait({working, self._leaving}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                is_taken = True
                return working.result()
            self._leaving.result()
            raise ClientLeft
        finally:
            working.cancel()
            await asyncio.wait({working})
            if drop is not None and not is_taken and not working.cancelled() and working.exception() is None:
                await drop(working.result())

    async def close(self) -> None:
        """Stop looking whether the client leaves."""
        if self._leaving is None:
            return
        self._leaving.cancel()
        await asyncio.wait({self._leaving})
        if not self._leaving.cancelled():
            self._leaving.exception()  # nobody waits for it any more

    async def _left(self) -> None:
        await self._is_over.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
