"""One connection to an upstream, HTTP/1.1 in h11's strict reading of it.

Not a ready-made client: those hide what a gateway must see. Bytes after an answer would be taken for the answer to
somebody else's next request; here they are a fault, and the connection is not used again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import h11

READ_BYTES: Final = 64 * 1024
HEAD_BYTES: Final = 64 * 1024
"""The most that the head of an answer may have: twice what we take from clients."""


class WireFault(Exception):
    """The upstream broke the connection or the protocol."""


class Wire:
    """Carries one exchange after another; whoever uses it has it alone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        self._watch: asyncio.Task[bytes] | None = None
        self.has_heard = False
        """Whether any byte of an answer to the present request has come."""

    async def write(self, event: h11.Request | h11.Data | h11.EndOfMessage) -> None:
        """Send it, at the pace at which the upstream takes it; raises OSError or h11.LocalProtocolError."""
        data = self._protocol.send(event)
        if data:
            self._writer.write(data)
            await self._writer.drain()

    async def read(self) -> h11.Event | type[h11.PAUSED]:
        """Give the next event of the answer; raises `WireFault`."""
        while True:
            event = self.at_hand()
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]  # mypy does not narrow sentinels
            try:
                data = await self._reader.read(READ_BYTES)
            except OSError as error:
                raise WireFault(f"the connection broke ({type(error).__name__})") from error
            if not data and not self.has_heard:
                raise WireFault("the connection was closed without an answer")
            self.has_heard = True
            self._protocol.receive_data(data)

    def at_hand(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Give the next event of what has come already, or `h11.NEED_DATA`; raises `WireFault`."""
        try:
            event = self._protocol.next_event()
        except h11.RemoteProtocolError as error:
            raise WireFault(f"the answer is not valid HTTP: {error}") from error
        if isinstance(event, h11.EndOfMessage) and self._protocol.trailing_data[0]:
            raise WireFault("the answer is longer than it says")
        return event

    async def check_end(self) -> None:
        """After the answer's end: pass unless more has come than was told; raises `WireFault`."""
        if self._watch is None:
            self._watch = asyncio.create_task(self._reader.read(1))
            self._watch.add_done_callback(_look_at)
        await asyncio.sleep(0)  # what is there already is read within the task's first step
        if self._watch.done() and self._watch.exception() is None and self._watch.result():
            raise WireFault("the answer is longer than it says")

    def rest(self, on_end: Callable[[Wire], None]) -> bool:
        """Make ready for the next exchange, after `check_end`; False when this connection cannot have one.

        `on_end` is called should the upstream say anything, or leave, while nobody asks.
        """
        if self._protocol.our_state is not h11.DONE or self._protocol.their_state is not h11.DONE:
            return False
        if self._watch is None or self._watch.done():
            return False
        self._protocol.start_next_cycle()
        self.has_heard = False
        self._watch.add_done_callback(lambda task: None if task.cancelled() else on_end(self))
        return True

    async def wake(self) -> bool:
        """Take the connection into use again; False when the upstream has left it, or has spoken unasked."""
        watch, self._watch = self._watch, None
        if watch is None:
            return True
        await asyncio.sleep(0)  # what has come by now is read before the watch ends
        watch.cancel()
        await asyncio.wait({watch})
        return watch.cancelled()

    def close(self) -> None:
        """Break the connection at once, whatever is under way."""
        if self._watch is not None:
            self._watch.cancel()
        self._writer.transport.abort()


def _look_at(watch: asyncio.Task[bytes]) -> None:
    """Take note of how a watch ended: a connection that breaks while it is idle is nobody's error."""
    if not watch.cancelled():
        watch.exception()
