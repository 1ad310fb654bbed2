"""The first places of a board's period, among those whom others see, straight from the entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col, func
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification import people
from bizosaas_app.services.gamification.definitions import Board
from models import LeaderboardEntry, Member


@dataclass(frozen=True, slots=True)
class Placed:
    """A place; of equal ranks the earlier achiever stands first."""

    user_id: UUID
    rank: int
    score: Decimal


async def read(session: AsyncSession, board: Board, period: str, *, limit: int) -> tuple[Placed, ...]:
    """Give the first places in order."""
    entry = LeaderboardEntry
    score = col(entry.score)
    query = _of(select(col(entry.user_id), score), board, period).order_by(
        score.asc() if board.sort == "asc" else score.desc(), col(entry.reached_at), col(entry.user_id)
    )
    rows = list(await session.execute(query.limit(limit)))
    ranks = board.rank_rows([row[1] for row in rows])
    return tuple(Placed(row[0], rank, row[1]) for row, rank in zip(rows, ranks, strict=True))


async def count(session: AsyncSession, board: Board, period: str) -> int:
    """Count the members whom others see."""
    query = _of(select(func.count()).select_from(LeaderboardEntry), board, period)
    return int((await session.execute(query)).scalar_one())


def pack(places: Iterable[Placed]) -> list[dict[str, Any]]:
    """Put places into JSON; the score is a text with all its decimals."""
    return [{"user_id": str(place.user_id), "rank": place.rank, "score": str(place.score)} for place in places]


def unpack(data: Iterable[Mapping[str, Any]]) -> tuple[Placed, ...]:
    """Give the places that `pack` has put away."""
    return tuple(Placed(UUID(item["user_id"]), int(item["rank"]), Decimal(item["score"])) for item in data)


def _of(query: Select[*tuple[Any, ...]], board: Board, period: str) -> Select[*tuple[Any, ...]]:
    entry = LeaderboardEntry
    return query.join(Member, col(Member.id) == col(entry.user_id)).where(
        col(entry.leaderboard_id) == board.id, col(entry.period) == period, people.shown()
    )
