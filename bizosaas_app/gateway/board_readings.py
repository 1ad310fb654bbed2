"""Reading boards from Valkey, and making the copy there when it is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from bizosaas_app.gateway import board_movements, board_names
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotFound, Unavailable
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.gamification import boards, movements, standings, standings_fill
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.periods import Window
from bizosaas_app.services.gamification.standings import Copy, Slice

_TRIES: Final = 3
"""A copy can be lost again just after it was made; this often in a row, Valkey is in trouble."""

_FILL_SECONDS: Final = 5.0
"""How long a reader waits for a copy: some 100,000 entries. A larger one goes on being made meanwhile."""
_BOARDS: Final = 10_000
_BOARD_SECONDS: Final = 2.0
"""How long a worker reads a board under the definition that it knows: most reads then need Valkey only."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of a board as they stood at `as_of`; whoever they are read for, nobody's privacy is applied yet."""

    board: Board
    window: Window
    period: str
    slice: Slice
    as_of: datetime


async def find_board(actor: Actor, key: str) -> Board:
    """Give the active board of this key as it stood within the last seconds, or raise `NotFound`.

    Also when the actor may not see it.
    """
    place = (actor.tenant_id, key)
    known = _boards.get(place)
    if known is None or known[0] < time.monotonic():
        system = Actor.system(actor.tenant_id)
        async with unit_of_work(system) as session:
            board = await boards.get_board(session, system, key)
        if len(_boards) >= _BOARDS:
            _boards.clear()
        known = _boards[place] = (time.monotonic() + _BOARD_SECONDS, board)
    if not known[1].is_visible_to(actor):
        raise NotFound(boards.NO_SUCH_BOARD)
    return known[1]


def forget(tenant_id: UUID, key: str) -> None:
    """Have this worker look the board up again."""
    _boards.pop((tenant_id, key), None)


_boards: Final[dict[tuple[UUID, str], tuple[float, Board]]] = {}


async def read_rows(
    board: Board,
    window: Window,
    *,
    period: str | None = None,
    start: int = 0,
    limit: int = 0,
    around: UUID | None = None,
    viewers: Sequence[UUID] = (),
) -> Reading:
    """Read rows and the viewers' own places in one round trip, of the open period unless another is named.

    Raises `Unavailable` when no copy can be made, and `CacheError` when Valkey is away.
    """
    as_of = utc_now()
    yesterday = movements.yesterday_of(board, window, as_of) if period is None and window in movements.WINDOWS else None
    period = period or board.period_at(window, as_of)
    cache = resources().cache
    ask = partial(
        standings.read, cache, start=start, limit=limit, around=around, viewers=viewers,
        before=yesterday.day if yesterday else None,
    )  # fmt: skip
    for _ in range(_TRIES):
        copy = await standings.copy_of(cache, board, period, now=as_of)
        found = await ask(copy)
        if found is not None and yesterday is not None and not found.knows_before:
            found = await ask(copy) if await board_movements.fill(copy, yesterday) else found
        if found is not None:
            return Reading(board, window, period, await _with_names(board, found), as_of)
        await _fill_once(copy)
    raise Unavailable("The leaderboard is being rebuilt", retry_after_seconds=2)


_fills: Final[dict[tuple[UUID, str, str], asyncio.Task[None]]] = {}


async def _fill_once(copy: Copy) -> None:
    """Make the copy; readers that come meanwhile wait for the same one instead of queueing for the database."""
    key = (copy.board.id, copy.period, copy.stamp)
    task = _fills.get(key)
    if task is None:
        # A context of its own: the reader who happens to be first may stand inside a transaction or be cancelled.
        task = asyncio.get_running_loop().create_task(_fill(copy), context=Context())
        _fills[key] = task
        task.add_done_callback(lambda _: _fills.pop(key, None))
    done, _ = await asyncio.wait({task}, timeout=_FILL_SECONDS)
    if not done:
        raise Unavailable("The leaderboard is being rebuilt", retry_after_seconds=_FILL_SECONDS)
    await task


async def _fill(copy: Copy) -> None:
    async with unit_of_work(Actor.system(copy.board.tenant_id)) as session:
        await standings_fill.fill(session, resources().cache, copy)


async def _with_names(board: Board, found: Slice) -> Slice:
    """Complete the names that Valkey lacks, and leave out whoever has been hidden in this very moment."""
    nameless = {row.user_id for row in found.rows if row.person is None}
    nameless |= {user_id for user_id, own in found.own.items() if own.person is None}
    rows, own = found.rows, found.own
    if nameless:
        people = await board_names.names_of(board.tenant_id, nameless)
        rows = tuple(replace(row, person=row.person or people.get(row.user_id)) for row in rows)
        own = {user_id: replace(place, person=place.person or people.get(user_id)) for user_id, place in own.items()}
    return replace(found, rows=tuple(row for row in rows if row.person is not None and row.person.is_shown), own=own)
