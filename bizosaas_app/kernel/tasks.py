"""Background tasks: ending them for certain."""

from __future__ import annotations

import asyncio
from typing import Any, Final

_PATIENCE_SECONDS: Final = 1.0
"""How long a task may take to clean up before it is asked again."""


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have ended, however they end.

    A cancel can be lost: a client that is just then closing a broken connection may answer it as a failure of that
    connection, and its caller tries again. So who has not ended is asked once more, until it has.
    """
    waiting = {task for task in tasks if not task.done()}
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=_PATIENCE_SECONDS)
