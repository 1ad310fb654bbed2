"""Bringing the ranks of yesterday into Valkey, so that a board tells who has moved without asking PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from contextvars import Context
from typing import Final
from uuid import UUID

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.gamification import movements, standings
from bizosaas_app.services.gamification.movements import Yesterday
from bizosaas_app.services.gamification.standings import Copy

log = get_logger(__name__)

_PATIENCE_SECONDS: Final = 0.5
"""How long a reader waits for them; then the board is shown without, and with them the next time."""
_REST_SECONDS: Final = 10.0
"""After a failure nobody tries again for so long."""

_Key = tuple[UUID, str]
_fills: Final[dict[_Key, asyncio.Task[bool]]] = {}
_resting: Final[dict[_Key, float]] = {}


async def fill(copy: Copy, yesterday: Yesterday) -> bool:
    """Say whether the ranks of yesterday are in Valkey now; whoever comes meanwhile waits for the same work."""
    key = (copy.board.id, copy.period)
    if _resting.get(key, 0.0) > time.monotonic():
        return False
    task = _fills.get(key)
    if task is None:
        # A context of its own: the reader who happens to be first may stand inside a transaction or be cancelled.
        task = asyncio.get_running_loop().create_task(_fill(copy, yesterday), context=Context())
        _fills[key] = task
        task.add_done_callback(lambda _: _fills.pop(key, None))
    done, _ = await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
    return bool(done) and task.result()


async def _fill(copy: Copy, yesterday: Yesterday) -> bool:
    key = (copy.board.id, copy.period)
    try:
        async with unit_of_work(Actor.system(copy.board.tenant_id)) as session:
            await movements.ensure(session, copy.board, yesterday)
            ranks = await movements.read(session, copy.board, yesterday)
        await standings.keep_before(resources().cache, copy, yesterday.day, ranks)
    except Exception:
        log.exception("the ranks of yesterday could not be read; the board is shown without them")
        _resting[key] = time.monotonic() + _REST_SECONDS
        return False
    _resting.pop(key, None)
    return True
