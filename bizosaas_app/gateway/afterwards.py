"""Work after the answer: for what must not show in the time that the answer takes.

A crash in between loses it, so only for what may be asked for again (a reset mail), is a courtesy, or is the second
chance of what could not be done in time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from bizosaas_app.kernel.log import get_logger

log = get_logger(__name__)

MOST: Final = 500
"""Works at once; what comes beyond is dropped, since whoever floods us must not fill our memory."""

_running: Final[set[asyncio.Task[None]]] = set()


def later(work: Coroutine[Any, Any, None], *, name: str, is_owed: bool = False) -> None:
    """Start the work beside the present request; what it raises goes to the log under `name`.

    What is owed is never dropped: only for what somebody who is signed in has caused.
    """
    if len(_running) >= MOST and not is_owed:
        work.close()
        log.warning("work after the answer dropped", work=name)
        return
    task = asyncio.create_task(_guard(work, name))
    _running.add(task)
    task.add_done_callback(_running.discard)


async def drain() -> None:
    """Wait for all that was started: at shutdown, before the engines close, and in tests."""
    while _running:
        await asyncio.gather(*_running)


async def _guard(work: Coroutine[Any, Any, None], name: str) -> None:
    try:
        await work
    except Exception:
        log.exception("work after the answer failed", work=name)
