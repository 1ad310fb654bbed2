"""Movements: the ranks that stood when yesterday ended, kept so that a board can tell who has moved since.

They are exact whenever they are written: of members who have scored today, what they had at midnight is counted from
the ledger. Kept for the first ten thousand, among those whom others see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification import boards, entries, projector
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.entries import Place
from bizosaas_app.services.gamification.periods import Window, zone
from bizosaas_app.services.gamification.tallies import Tally
from models import LeaderboardEntry, RankSnapshot

WINDOWS: Final[tuple[Window, ...]] = ("all", "month", "week")
"""A day has no yesterday."""
KEPT_RANKS: Final = 10_000
KEPT_DAYS: Final = 7
_MEMBERS: Final = 5000
"""Members whose events are read with one query."""

_WRITE: Final = """
WITH written AS (
INSERT INTO rank_snapshots (tenant_id, leaderboard_id, period, day, user_id, rank)
SELECT :tenant_id, :board_id, :period, :day, s.user_id, {rank}() OVER (ORDER BY s.score {direction})
FROM (
    SELECT e.user_id, e.score, e.reached_at FROM leaderboard_entries e
    WHERE e.tenant_id = :tenant_id AND e.leaderboard_id = :board_id AND e.period = :period
    AND e.user_id <> ALL (CAST(:active AS uuid[]))
    UNION ALL
    SELECT t.* FROM unnest(
        CAST(:users AS uuid[]), CAST(:scores AS numeric[]), CAST(:moments AS timestamptz[])
    ) AS t
) AS s (user_id, score, reached_at)
JOIN members m ON m.id = s.user_id AND m.leaderboard_privacy <> 'hidden' AND m.status <> 'suspended'
ORDER BY s.score {direction}, s.reached_at, s.user_id
LIMIT {limit}
ON CONFLICT DO NOTHING RETURNING 1
) SELECT count(*) FROM written
"""


@dataclass(frozen=True, slots=True)
class Yesterday:
    """The day that ended at this midnight, and the open period that had begun by then."""

    period: str
    day: date
    midnight: datetime


def yesterday_of(board: Board, window: Window, now: datetime) -> Yesterday | None:
    """Give yesterday as far as the window's open period goes back to it; None when it began today."""
    midnight, began = board.began_at("day", now), board.began_at(window, now)
    if midnight is None or (began is not None and began >= midnight):
        return None
    day = (midnight - timedelta(microseconds=1)).astimezone(zone(board.timezone)).date()
    return Yesterday(board.period_at(window, now), day, midnight)


async def keep(session: AsyncSession, *, now: datetime) -> int:
    """Write the ranks of yesterday for every board that lacks them, and drop old ones; give how many were written."""
    written = 0
    for board in await boards.list_boards(session):
        for window in WINDOWS:
            yesterday = yesterday_of(board, window, now)
            if yesterday is not None:
                written += await ensure(session, board, yesterday)
    oldest = now.date() - timedelta(days=KEPT_DAYS)
    await session.execute(delete(RankSnapshot).where(col(RankSnapshot.day) < oldest))
    return written


async def ensure(session: AsyncSession, board: Board, yesterday: Yesterday) -> int:
    """Write the ranks of yesterday unless they are there; give how many were written."""
    mine = (RankSnapshot.leaderboard_id == board.id, RankSnapshot.period == yesterday.period)
    known = select(RankSnapshot.rank).where(*mine, RankSnapshot.day == yesterday.day).limit(1)
    if (await session.exec(known)).first() is not None:
        return 0
    active = await _active_today(session, board, yesterday)
    then = await _scores_then(session, board, yesterday, active)
    statement = _WRITE.format(
        rank="dense_rank" if board.is_dense else "rank",
        direction="ASC" if board.sort == "asc" else "DESC",
        limit=KEPT_RANKS,
    )
    values: dict[str, Any] = {
        "tenant_id": board.tenant_id,
        "board_id": board.id,
        "period": yesterday.period,
        "day": yesterday.day,
        "active": active,
        "users": list(then),
        "scores": [tally.score for tally in then.values()],
        "moments": [tally.reached_at for tally in then.values()],
    }
    # The text comes from the constants above.
    return int((await session.execute(text(statement), values)).scalar_one())


async def read(session: AsyncSession, board: Board, yesterday: Yesterday) -> dict[UUID, int]:
    """Give the ranks of yesterday by member."""
    row = RankSnapshot
    query = select(row.user_id, row.rank).where(
        row.leaderboard_id == board.id, row.period == yesterday.period, row.day == yesterday.day
    )
    return dict((await session.exec(query)).all())


async def _active_today(session: AsyncSession, board: Board, yesterday: Yesterday) -> list[UUID]:
    query = select(LeaderboardEntry.user_id).where(
        LeaderboardEntry.leaderboard_id == board.id,
        LeaderboardEntry.period == board.period_at("day", yesterday.midnight),
    )
    return list(await session.exec(query))


async def _scores_then(
    session: AsyncSession, board: Board, yesterday: Yesterday, active: list[UUID]
) -> dict[UUID, Tally]:
    """Count what these members had when yesterday ended."""
    found: dict[UUID, Tally] = {}
    for users in entries.batched(active, _MEMBERS):
        counted = await projector.recount(session, board, users=users, until=yesterday.midnight)
        for user_id in users:
            tally = counted.get(Place(board.id, yesterday.period, user_id))
            if tally is not None:
                found[user_id] = tally
    return found
