"""Leaderboard entries in PostgreSQL: written in one order by everyone, so that no two writers deadlock."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.tallies import Fold, Tally
from models import LeaderboardEntry

T = TypeVar("T")


class Place(NamedTuple):
    """Which entry: the order of these fields is the order in which entries are locked."""

    board_id: UUID
    period: str
    user_id: UUID


_LATER: Final = "(excluded.reached_at, excluded.score) > (e.reached_at, e.score)"


def _record(better: str, extreme: str) -> str:
    """Write the merge of a record: the better score with its moment, of equal ones the earlier moment."""
    return f"""
    score = {extreme}(e.score, excluded.score),
    reached_at = CASE
        WHEN excluded.score = e.score THEN least(e.reached_at, excluded.reached_at)
        WHEN excluded.score {better} e.score THEN excluded.reached_at
        ELSE e.reached_at
    END"""


_MERGE: Final[dict[Fold, str]] = {
    "add": "score = e.score + excluded.score, reached_at = greatest(e.reached_at, excluded.reached_at)",
    "highest": _record(">", "greatest"),
    "lowest": _record("<", "least"),
    "latest": f"""
    score = CASE WHEN {_LATER} THEN excluded.score ELSE e.score END,
    reached_at = greatest(e.reached_at, excluded.reached_at)""",
}
"""`tallies.merge` in SQL, so that two transactions never overwrite each other's points."""

_INSERT: Final = """
INSERT INTO leaderboard_entries AS e
    (tenant_id, leaderboard_id, period, user_id, score, reached_at, events, updated_at)
SELECT :tenant_id, t.*, :now
FROM unnest(
    CAST(:boards AS uuid[]), CAST(:periods AS text[]), CAST(:users AS uuid[]),
    CAST(:scores AS numeric[]), CAST(:moments AS timestamptz[]), CAST(:events AS integer[])
) AS t
ON CONFLICT (tenant_id, leaderboard_id, period, user_id) DO UPDATE SET {changes}, updated_at = excluded.updated_at
"""
_ADD_EVENTS: Final = ", events = e.events + excluded.events"
_REPLACE: Final = "score = excluded.score, reached_at = excluded.reached_at, events = excluded.events"

_DELETE: Final = """
DELETE FROM leaderboard_entries e
USING unnest(CAST(:boards AS uuid[]), CAST(:periods AS text[]), CAST(:users AS uuid[])) AS t (board, period, member)
WHERE e.tenant_id = :tenant_id AND e.leaderboard_id = t.board AND e.period = t.period AND e.user_id = t.member
"""
_CHUNK: Final = 5000
"""Rows of one statement: some 500 KB of parameters."""


async def merge_all(
    session: AsyncSession, tenant_id: UUID, tallies: Mapping[Place, Tally], folds: Mapping[UUID, Fold], now: datetime
) -> None:
    """Merge each tally into its entry, in the order of their places."""
    ordered = sorted(tallies.items())
    for fold, group in itertools.groupby(ordered, key=lambda item: folds[item[0].board_id]):
        await _insert(session, tenant_id, list(group), _MERGE[fold] + _ADD_EVENTS, now)


async def replace_all(session: AsyncSession, tenant_id: UUID, tallies: Mapping[Place, Tally], now: datetime) -> None:
    """Write each tally in place of its entry."""
    for chunk in batched(sorted(tallies.items()), _CHUNK):
        await _insert(session, tenant_id, chunk, _REPLACE, now)


async def delete_all(session: AsyncSession, tenant_id: UUID, places: Collection[Place]) -> None:
    """Delete these entries."""
    for chunk in batched(sorted(places), _CHUNK):
        await session.execute(text(_DELETE), {"tenant_id": tenant_id} | _columns(chunk))


async def read(
    session: AsyncSession, board_ids: Collection[UUID], *, users: Collection[UUID] | None = None
) -> dict[Place, Tally]:
    """Give the entries of these boards, of all or some members."""
    entry = LeaderboardEntry
    query = select(
        col(entry.leaderboard_id),
        col(entry.period),
        col(entry.user_id),
        col(entry.score),
        col(entry.reached_at),
        col(entry.events),
    ).where(col(entry.leaderboard_id).in_(board_ids))
    if users is not None:
        query = query.where(col(entry.user_id).in_(users))
    return {Place(*row[:3]): Tally(*row[3:]) for row in await session.execute(query)}


async def _insert(
    session: AsyncSession, tenant_id: UUID, rows: Sequence[tuple[Place, Tally]], changes: str, now: datetime
) -> None:
    if not rows:
        return
    values = _columns([place for place, _ in rows]) | {
        "scores": [tally.score for _, tally in rows],
        "moments": [tally.reached_at for _, tally in rows],
        "events": [tally.events for _, tally in rows],
    }
    # The text comes from the constants above, never from a request.
    await session.execute(text(_INSERT.format(changes=changes)), {"tenant_id": tenant_id, "now": now} | values)


def _columns(places: Sequence[Place]) -> dict[str, Any]:
    return {
        "boards": [place.board_id for place in places],
        "periods": [place.period for place in places],
        "users": [place.user_id for place in places],
    }


def batched(rows: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """Give the rows in parts of at most this size."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
