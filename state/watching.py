"""Following something live from a page, for as long as the page's tab is open.

Reflex ends by itself what the opening of a page began, but not what a click began: that would go on after its tab
has gone, for as long as the session lives. So whoever follows looks from time to time whether the tab is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, TypeVar

from reflex_base.registry import RegistrationContext

from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.tasks import end

log = get_logger(__name__)

T = TypeVar("T")

LOOK_SECONDS: Final = 5.0
"""How often it is looked whether the tab is still there: a watcher outlives it by no more than this."""


async def while_open(stream: AsyncGenerator[T, None], client_token: str) -> AsyncGenerator[T, None]:
    """Give what the stream gives until it ends or the tab's socket has gone; the stream is closed with it."""
    step: asyncio.Task[T | None] | None = None
    async with aclosing(stream):
        try:
            is_open = _is_open(client_token)
            while is_open:
                step = step or asyncio.create_task(_next(stream))
                done, _ = await asyncio.wait({step}, timeout=LOOK_SECONDS)
                if not done:
                    is_open = _is_open(client_token)
                    continue
                item, step = step.result(), None
                if item is None:
                    return
                yield item
        finally:
            if step is not None:
                await end(step)


async def merged(*streams: AsyncGenerator[object, None]) -> AsyncGenerator[object, None]:
    """Give what any of the streams gives, until all have ended; one that is refused ends alone.

    A slow listener holds the streams up instead of being sent what has been overtaken.
    """
    given: asyncio.Queue[object] = asyncio.Queue(maxsize=1)
    tasks = [asyncio.create_task(_pour(stream, given)) for stream in streams]
    try:
        open_ = len(tasks)
        while open_:
            item = await given.get()
            if isinstance(item, Exception):
                raise item
            if item is _ENDED:
                open_ -= 1
            else:
                yield item
    finally:
        await end(*tasks)


_ENDED: Final = object()


async def _pour(stream: AsyncGenerator[object, None], given: asyncio.Queue[object]) -> None:
    """Hand on what the stream gives, then that it has ended or, for a bug, why."""
    last: object = _ENDED
    try:
        async with aclosing(stream):
            async for item in stream:
                await given.put(item)
    except AppError as error:
        log.info("one of several live streams ended", code=error.code)
    except Exception as error:  # noqa: BLE001  # it is raised again where the streams are listened to
        last = error
    await given.put(last)


async def _next(stream: AsyncGenerator[T, None]) -> T | None:
    return await anext(stream, None)


def _is_open(client_token: str) -> bool:
    """Say whether this process holds the tab's socket; one that moved to another worker follows anew there."""
    namespace = RegistrationContext.get().app.event_namespace
    return namespace is not None and client_token in namespace.token_to_sid
