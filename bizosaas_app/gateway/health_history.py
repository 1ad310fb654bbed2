"""The engines' health over time: each process looks from time to time and keeps its latest looks."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from bizosaas_app.gateway import health, live
from bizosaas_app.gateway.contracts.platform import CheckView
from bizosaas_app.gateway.mailbox import Mailbox
from bizosaas_app.gateway.seats import News, Seat
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.tasks import end

log = get_logger(__name__)

KEPT: Final = 60
EVERY_SECONDS: Final = 10.0
"""Sixty looks are the last ten minutes: a hiccup that somebody asks about is still in sight."""
_FRESH_SECONDS: Final = 2.0
_SEE: Final = "access_platform"

_checks: Final[deque[CheckView]] = deque(maxlen=KEPT)


def latest() -> list[CheckView]:
    """Give the looks that are kept, the latest last."""
    return list(_checks)


async def look() -> CheckView:
    """Ask every engine now, and keep the answer."""
    report = await health.check()
    _checks.append(CheckView(at=utc_now(), services=report.services))
    return _checks[-1]


async def look_if_due() -> None:
    """Look now, unless another look was a moment ago: readers in a row cost the engines nothing."""
    if not _checks or utc_now() - _checks[-1].at > timedelta(seconds=_FRESH_SECONDS):
        await look()


@asynccontextmanager
async def running() -> AsyncIterator[None]:
    """Look from time to time for as long as the block lasts."""
    task = asyncio.create_task(_look_on(), name="health")
    try:
        yield
    finally:
        await end(task)


async def watch_health(actor: Actor) -> AsyncGenerator[News, None]:
    """Say now and after each further look that there is something to read, until the session ends.

    Raises `NotPermitted` at the start.
    """
    actor.require(_SEE)
    box: Mailbox[News] = Mailbox(News.merge)
    seat = Seat(actor.tenant_id, frozenset(), None, box.put, box.close, actor, _SEE)
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle | None = None
    try:
        with live.hub().seats.taken(seat):
            box.put(News())
            while (news := await box.take()) is not None:
                if timer is not None:  # news of the hub's own came before its time
                    timer.cancel()
                timer = loop.call_later(EVERY_SECONDS, box.put, News())
                yield news
    finally:
        if timer is not None:
            timer.cancel()


async def _look_on() -> None:
    while True:
        try:
            await look()
        except Exception:
            log.exception("the engines' health could not be looked at")
        await asyncio.sleep(EVERY_SECONDS)
