"""One request and its answer on one connection, each of them streamed, with a deadline for either."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

import h11

from bizosaas_app.gateway.upstreams.bodies import Body
from bizosaas_app.gateway.upstreams.faults import NotSent, RequestTooSlow, RequestUnfit, UpstreamBroken, UpstreamTimeout
from bizosaas_app.gateway.upstreams.wire import Wire, WireFault

T = TypeVar("T")

_MOST_INTERIM: Final = 8
"""Answers of 1xx before the real one."""


class Exchange:
    """Sends a request while it listens for the answer: an upstream may refuse a body before it has read it."""

    def __init__(self, wire: Wire, *, silence_seconds: float, until: float) -> None:
        self.wire = wire
        self._silence_seconds = silence_seconds
        self.until = until
        """When all must be over, by the loop's clock."""
        self._sending: asyncio.Task[None] | None = None
        self._awaits_client = False
        """Whether the next thing to happen is that the client sends more of its body."""

    async def ask(self, request: h11.Request, body: Body | None) -> h11.Response:
        """Send the request and give the head of the answer.

        Raises `NotSent` when nothing at all was answered, `UpstreamTimeout`, `UpstreamBroken`, `RequestTooSlow`,
        `RequestUnfit`, or what the body raises.
        """
        try:
            async with asyncio.timeout_at(self.until) as patience:
                if body is not None:
                    self._sending = asyncio.create_task(self._send(request, body, patience))
                    return await self._head_while_sending(self._sending)
                patience.reschedule(self._soon())
                await self._write(request)
                await self._write(h11.EndOfMessage())
                return await self._head()
        except TimeoutError as error:
            raise (RequestTooSlow if self._awaits_client else UpstreamTimeout) from error
        except h11.LocalProtocolError as error:
            raise RequestUnfit("The request's headers cannot be passed on") from error
        except WireFault as error:
            raise self._fault(error) from error

    async def next_event(self) -> h11.Event | type[h11.PAUSED]:
        """Give the next event of the answer; raises `UpstreamTimeout`, `UpstreamBroken`, or what the body raised."""
        if self._sending is not None and self._sending.done():
            self._sending.result()
        try:
            async with asyncio.timeout_at(self._soon()):
                return await self.wire.read()
        except TimeoutError as error:
            raise UpstreamTimeout from error
        except WireFault as error:
            raise UpstreamBroken(f"{UpstreamBroken.title}: {error}") from error

    def at_hand(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Give the next event of what has come already, or `h11.NEED_DATA`; raises `UpstreamBroken`."""
        try:
            return self.wire.at_hand()
        except WireFault as error:
            raise UpstreamBroken(f"{UpstreamBroken.title}: {error}") from error

    async def check_end(self) -> None:
        """Pass unless the upstream says more than its answer; raises `UpstreamBroken`."""
        try:
            await self.wire.check_end()
        except WireFault as error:
            raise UpstreamBroken(f"{UpstreamBroken.title}: {error}") from error

    async def in_time(self, work: Awaitable[T]) -> T:
        """Give what the work gives, when it does before all must be over; raises `UpstreamTimeout`.

        For the client's side: one that reads slowly must not hold a place for ever.
        """
        try:
            async with asyncio.timeout_at(self.until):
                return await work
        except TimeoutError as error:
            raise UpstreamTimeout from error

    async def end(self) -> None:
        """Stop sending, where that has not ended by itself."""
        if self._sending is None:
            return
        self._sending.cancel()
        await asyncio.wait({self._sending})
        if not self._sending.cancelled():
            self._sending.exception()  # whoever waits for the answer has been told

    def _fault(self, error: WireFault) -> Exception:
        if not self.wire.has_heard:
            return NotSent(str(error))
        return UpstreamBroken(f"{UpstreamBroken.title}: {error}")

    def _soon(self) -> float:
        return min(asyncio.get_running_loop().time() + self._silence_seconds, self.until)

    async def _send(self, request: h11.Request, body: Body, patience: asyncio.Timeout) -> None:
        chunks = aiter(body)
        is_taken = await self._write(request)
        self._awaits_client = is_taken
        while self._awaits_client and (chunk := await anext(chunks, None)) is not None:
            self._awaits_client = False
            is_taken = self._awaits_client = await self._write(h11.Data(data=chunk))
        self._awaits_client = False
        if is_taken:
            await self._write(h11.EndOfMessage())
        if not self.wire.has_heard and not patience.expired():
            patience.reschedule(self._soon())

    async def _write(self, event: h11.Request | h11.Data | h11.EndOfMessage) -> bool:
        """Send it; False when the upstream takes nothing more. It may have answered before: reading tells."""
        try:
            await self.wire.write(event)
        except OSError:
            return False
        return True

    async def _head_while_sending(self, sending: asyncio.Task[None]) -> h11.Response:
        reading = asyncio.create_task(self._head())
        try:
            await asyncio.wait({sending, reading}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done() and not reading.done():
                sending.result()
            return await reading
        finally:
            if not reading.done():
                reading.cancel()
                await asyncio.wait({reading})

    async def _head(self) -> h11.Response:
        for _ in range(_MOST_INTERIM):
            event = await self.wire.read()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse) or event.status_code == 101:
                break
        raise WireFault("the answer has no head")
