"""Drift: whether what is derived still says what the ledger says, found by counting again, and mended.

A board of a small ledger is counted whole; of a large one some members are, drawn anew each time. Copies in Valkey
are compared by the first places and some members; one that differs is made anew by its next reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.services import outbox
from bizosaas_app.services.gamification import boards, projector, standings, tops
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.periods import WINDOWS
from models import GamificationEvent, Leaderboard, LeaderboardEntry

WHOLE_EVENTS: Final = 200_000
"""Up to so many events a board is counted whole, in some seconds."""
SAMPLE: Final = 500
"""Members of a larger one that are counted."""
_TOP: Final = 100


@dataclass(frozen=True, slots=True)
class Drift:
    """What differed: entries from the ledger, and copies in Valkey from the entries. All of it is mended."""

    boards: int = 0
    entries: int = 0
    copies: int = 0

    def __add__(self, other: Drift) -> Drift:
        return Drift(self.boards + other.boards, self.entries + other.entries, self.copies + other.copies)


async def mend(session: AsyncSession, cache: Cache, actor: Actor, *, now: datetime) -> Drift:
    """Compare every board of the tenant, and mend what differs."""
    await projector.lock_alone(session, actor.tenant_id)
    await outbox.lock_topic(session, actor.tenant_id, boards.TOPIC)
    is_whole = (await session.exec(select(func.count()).select_from(GamificationEvent))).one() <= WHOLE_EVENTS
    is_delivered = not await outbox.list_rows(session, boards.TOPIC, limit=1)
    found = Drift()
    for board in await boards.list_boards(session):
        moved = await (projector.rebuild(session, board, now) if is_whole else _mend_some(session, board, now))
        copies = await _count_wrong_copies(session, cache, board, now) if is_delivered else 0
        if moved or copies:
            await _renew(session, actor, board, now)
        found += Drift(1, moved, copies)
    return found


async def _mend_some(session: AsyncSession, board: Board, now: datetime) -> int:
    draw = select(LeaderboardEntry.user_id).where(LeaderboardEntry.leaderboard_id == board.id).distinct().subquery()
    users = list(await session.exec(select(draw.c.user_id).order_by(func.random()).limit(SAMPLE)))
    return len(await projector.mend_members(session, board, users, now))


async def _count_wrong_copies(session: AsyncSession, cache: Cache, board: Board, now: datetime) -> int:
    """Count the open periods whose copy differs from the entries, as far as there is a copy."""
    periods = [board.period_at(window, now) for window in WINDOWS]
    return sum([not await _is_right(session, cache, board, period, now) for period in periods])


async def _is_right(session: AsyncSession, cache: Cache, board: Board, period: str, now: datetime) -> bool:
    copy = await standings.copy_of(cache, board, period, now=now)
    found = await standings.read(cache, copy, limit=_TOP)
    if found is None:
        return True  # there is none: its next reader makes it
    places = await tops.read(session, board, period, limit=_TOP)
    expected = [(place.user_id, place.rank, place.score) for place in places]
    shown = [(row.user_id, row.rank, row.score) for row in found.rows]
    return shown == expected and found.total == await tops.count(session, board, period)


async def _renew(session: AsyncSession, actor: Actor, board: Board, now: datetime) -> None:
    """Make every copy of the board another board's, and have open pages read it again."""
    await session.execute(update(Leaderboard).where(col(Leaderboard.id) == board.id).values(updated_at=now))
    await outbox.enqueue(session, actor, boards.TOPIC, f"board:{board.id}", {"board": str(board.id)})
