"""Leaving in order: a worker that is to end closes the sockets of its pages, so that they go on at another one.

Granian ends a worker once its last connection has ended, and an open page's would last for hours. Its supervisor tells
the workers by a signal of their own, beside the one that Granian itself listens to.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Final, Protocol

SIGNAL: Final = signal.SIGUSR1
_ROUNDS: Final = (0.2, 1.0, 3.0)
"""Seconds before each round of closing: a handshake that was under way at the signal is found by a later one."""


class Transport(Protocol):
    """Engine.IO's server, which holds the sockets beneath Socket.IO's namespaces."""

    @property
    def sockets(self) -> Collection[str]:
        """The sockets by their ids."""
        ...

    async def disconnect(self, sid: str) -> None:
        """Close one."""
        ...


@contextmanager
def closing_sockets(server: Transport) -> Iterator[None]:
    """Close every socket of the server once the signal comes, for as long as the block lasts."""
    loop, tasks = asyncio.get_running_loop(), set[asyncio.Task[None]]()

    def leave() -> None:
        task = loop.create_task(_close(server), name="sockets' end")
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    with suppress(RuntimeError, ValueError):  # outside the main thread nobody is told anything
        loop.add_signal_handler(SIGNAL, leave)
    try:
        yield
    finally:
        with suppress(RuntimeError, ValueError):
            loop.remove_signal_handler(SIGNAL)


async def _close(server: Transport) -> None:
    """Close the transport rather than the namespace: a browser then connects again by itself."""
    for seconds in _ROUNDS:
        await asyncio.sleep(seconds)
        await asyncio.gather(*map(server.disconnect, list(server.sockets)), return_exceptions=True)
