"""An upstream's answer on its way to the client: streamed, counted, and checked before its end is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

import h11

from bizosaas_app.gateway.upstreams.exchange import Exchange
from bizosaas_app.gateway.upstreams.faults import UpstreamAnswerTooLarge, UpstreamBroken, UpstreamTimeout
from bizosaas_app.gateway.upstreams.hop_by_hop import Header

SETTLE_BYTES: Final = 64 * 1024
SETTLE_SECONDS: Final = 1.0
"""So much of an answer is waited for before its head is passed on: whatever is wrong with a small one is then told by
a clean 502. What comes slower than this is streamed as it comes."""


class Answer:
    """Status, headers and body as the client gets them. Whoever holds one closes it, whatever happens."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        status: int,
        headers: list[Header],
        limit_bytes: int,
    ) -> None:
        self.status = status
        self.headers = headers
        self.on_close: Callable[[], None] | None = None
        """Called once, when this is closed."""
        self.on_fault: Callable[[], None] | None = None
        """Called when the upstream fails within the answer."""
        self.is_complete = False
        self._has_ended = False
        self.exchange = exchange
        self._limit_bytes = limit_bytes
        self._taken_bytes = 0
        self._held: list[bytes] = []

    @property
    def _declared(self) -> int | None:
        return next((int(value) for name, value in self.headers if name == b"content-length"), None)

    def check_length(self) -> None:
        """Pass unless the head tells of a body that is too large; raises `UpstreamAnswerTooLarge`."""
        if (self._declared or 0) > self._limit_bytes:
            raise self._too_large()

    async def settle(self) -> None:
        """Wait for the first part of the body, or all of it; raises what is wrong with it."""
        moment = asyncio.get_running_loop().time() + SETTLE_SECONDS
        try:
            async with asyncio.timeout_at(moment):
                while not self.is_complete and self._taken_bytes < SETTLE_BYTES:
                    await self._advance()
        except TimeoutError:
            return
        if self.is_complete and self._taken_bytes and self._declared is None:
            self.headers.append((b"content-length", str(self._taken_bytes).encode()))

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the body; the last part only after its end has been seen. Raises what is wrong with the rest."""
        while True:
            held, self._held = self._held, []
            if held:
                yield b"".join(held)
            if self.is_complete:
                return
            try:
                await self._advance()
            except (UpstreamBroken, UpstreamTimeout):
                if self.on_fault is not None:
                    self.on_fault()
                raise

    async def close(self) -> None:
        """Let go of the upstream: at once where the answer has not come to its end."""
        on_close, self.on_close = self.on_close, None
        if on_close is None:
            return
        try:
            if not self.is_complete:
                self.exchange.wire.close()
            await self.exchange.end()
        finally:
            on_close()

    async def _advance(self) -> None:
        if not self._has_ended:
            await self._read_on()
        if self._has_ended:
            await self.exchange.check_end()
            self.is_complete = True

    async def _read_on(self) -> None:
        event: h11.Event | type[h11.PAUSED] | type[h11.NEED_DATA] = await self.exchange.next_event()
        while event is not h11.NEED_DATA:
            if isinstance(event, h11.EndOfMessage):
                self._has_ended = True
                return
            if not isinstance(event, h11.Data):
                raise UpstreamBroken
            self._take(bytes(event.data))
            event = self.exchange.at_hand()

    def _take(self, part: bytes) -> None:
        self._taken_bytes += len(part)
        if self._taken_bytes > self._limit_bytes:
            raise self._too_large()
        self._held.append(part)

    def _too_large(self) -> UpstreamAnswerTooLarge:
        return UpstreamAnswerTooLarge(f"Answers of more than {self._limit_bytes:,} bytes are not passed on")
