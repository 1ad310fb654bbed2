"""An event loop of its own, whose threads all compute: nothing that is done on it may need one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


async def on_a_loop_whose_threads_are_taken(work: Callable[[], Awaitable[T]]) -> T:
    """Give what the work gives. The loop of the tests keeps its threads: other tests need them."""

    async def alone() -> T:
        released, loop = threading.Event(), asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        computing = loop.run_in_executor(None, released.wait)
        try:
            return await work()
        finally:
            released.set()
            await computing

    return await asyncio.to_thread(lambda: asyncio.run(alone()))
