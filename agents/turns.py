"""Turns: how many runs work at once. A turn is over when the last thread that worked for its run is free again.

A thread cannot be ended from outside. Were the turn over when the run answers, the next run would wait for a thread
that still hangs, with its own time running.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

Threads = list[asyncio.Future[Any]]
"""What was given to a pool for one run and the runs inside it."""


class Turns:
    """Lets so many runs work at once; used from the main loop only."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)

    @property
    def are_taken(self) -> bool:
        """Whether who asks now has to wait."""
        return self._free.locked()

    @asynccontextmanager
    async def take(self) -> AsyncIterator[Threads]:
        """Wait for a turn; give the list into which all of the run's threads belong."""
        threads: Threads = []
        await self._free.acquire()
        try:
            yield threads
        finally:
            if busy := [thread for thread in threads if not thread.done()]:
                asyncio.gather(*busy, return_exceptions=True).add_done_callback(lambda _: self._free.release())
            else:
                self._free.release()
