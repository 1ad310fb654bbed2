"""Seasons: periods of boards that are over, closed once and kept as they were announced.

What comes late still moves the entries of a closed period, and whoever reads that period sees it; the season is the
record of what members were told, and stays. Only the period of a board's own window is announced: its first three
get a notice, and the ledger the fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification import boards, ledger, periods, tops
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.facts import PODIUM
from bizosaas_app.services.gamification.periods import WINDOWS, Window
from bizosaas_app.services.gamification.tops import Placed
from bizosaas_app.services.notifications import notices
from models import LeaderboardSeason

PLACES: Final = 3
"""The podium; of equal scores the earlier one stands first."""
PAGE: Final = "/portal/leaderboard"
_NAMESPACE: Final = UUID("6d1c2f0a-30b7-4f43-9d55-3a4f7d0c9e21")
_AT_ONCE: Final = 60
"""Periods of one board and window that one round closes: two months of days after a long standstill."""
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Season:
    """A closed period: how many others saw on the board, and who came first."""

    board_id: UUID
    window: Window
    period: str
    ended_at: datetime
    closed_at: datetime
    total: int
    podium: tuple[Placed, ...]


async def close(
    session: AsyncSession, actor: Actor, *, now: datetime, since: datetime | None = None, is_told: bool = True
) -> list[Season]:
    """Close what has ended of every board since it was made, or `since` then; give what nobody had closed before."""
    last = await _last_endings(session)
    closed: list[Season] = []
    for board in await boards.list_boards(session):
        for window in WINDOWS:
            after = last.get((board.id, window)) or since or board.created_at or now
            for period, ended_at in list(_endings(board, window, after, now))[:_AT_ONCE]:
                season = await _close(session, actor, board, Season(board.id, window, period, ended_at, now, 0, ()))
                closed += [] if season is None else [season]
                if season is not None and is_told and window == board.default_window:
                    await _announce(session, actor, board, season, now)
    return closed


async def list_seasons(
    session: AsyncSession, board: Board, window: Window, *, limit: int, before: datetime | None = None
) -> list[Season]:
    """List closed periods in which anybody had a score, the latest first."""
    row = LeaderboardSeason
    query = select(row).where(row.leaderboard_id == board.id, row.span == window, col(row.total) > 0)
    if before is not None:
        query = query.where(col(row.ended_at) < before)
    found = await session.exec(query.order_by(col(row.ended_at).desc()).limit(limit))
    return [_season(item, window) for item in found]


def _endings(board: Board, window: Window, after: datetime, now: datetime) -> Iterator[tuple[str, datetime]]:
    """Give the periods that ended after that moment, the earliest first."""
    endings: list[tuple[str, datetime]] = []
    end = board.began_at(window, now)
    while end is not None and end > after:
        endings.append((board.period_at(window, end - _INSTANT), end))
        end = board.began_at(window, end - _INSTANT)
    return reversed(endings)


async def _last_endings(session: AsyncSession) -> dict[tuple[UUID, str], datetime]:
    row = LeaderboardSeason
    query = select(row.leaderboard_id, row.span, func.max(row.ended_at)).group_by(
        col(row.leaderboard_id), col(row.span)
    )
    return {(board_id, span): ended_at for board_id, span, ended_at in await session.exec(query)}


async def _close(session: AsyncSession, actor: Actor, board: Board, season: Season) -> Season | None:
    """Write the season down; None when somebody has done so before."""
    podium = await tops.read(session, board, season.period, limit=PLACES)
    total = await tops.count(session, board, season.period)
    statement = insert(LeaderboardSeason).values(
        tenant_id=actor.tenant_id,
        leaderboard_id=board.id,
        period=season.period,
        span=season.window,
        ended_at=season.ended_at,
        closed_at=season.closed_at,
        total=total,
        podium=tops.pack(podium),
    )
    written = await session.execute(statement.on_conflict_do_nothing().returning(col(LeaderboardSeason.period)))
    if written.first() is None:
        return None
    return replace(season, total=total, podium=podium)


async def _announce(session: AsyncSession, actor: Actor, board: Board, season: Season, now: datetime) -> None:
    """Record the podium in the ledger, and tell those who stand on it; in the season's own transaction."""
    facts = [
        ledger.NewEvent(
            event_id=uuid5(_NAMESPACE, f"{board.tenant_id}/{board.id}/{season.period}/{place.user_id}"),
            type=PODIUM,
            user_id=place.user_id,
            properties={"board": board.key, "window": season.window, "period": season.period, "rank": place.rank},
            occurred_at=season.ended_at,
        )
        for place in season.podium
    ]
    if facts:
        await ledger.append(session, actor, facts, now=now, source="service")
    for place in season.podium:
        await notices.tell(
            session,
            actor,
            "season",
            place.user_id,
            title=f"You finished {_ORDINALS[place.rank]} on {board.title}",
            body=_body(board, season, place.rank),
            path=PAGE,
            data={"leaderboard": board.key, "period": season.period, "rank": place.rank},
        )


_ORDINALS: Final[Mapping[int, str]] = {1: "first", 2: "second", 3: "third"}


def _body(board: Board, season: Season, rank: int) -> str:
    prizes: Sequence[str] = [str(prize["title"]) for prize in board.prizes if prize.get("rank") == rank]
    won = f" Your prize: {', '.join(prizes)}." if prizes else ""
    return f"Of {season.total:,} on the board, {periods.title(season.period)}.{won}"


def _season(row: LeaderboardSeason, window: Window) -> Season:
    podium = tops.unpack(row.podium)
    return Season(row.leaderboard_id, window, row.period, row.ended_at, row.closed_at, row.total, podium)
