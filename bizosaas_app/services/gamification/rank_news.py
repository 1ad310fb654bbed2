"""Rank news: who has come into the first places of the main board, and who was overtaken there.

Told after a delivery, from the first places as they were last told about and as they are now; nothing that records an
event waits for it. A member is told at most once in an hour, which the database sees to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification import boards, tops
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.periods import Window
from bizosaas_app.services.gamification.tops import Placed
from bizosaas_app.services.notifications import notices
from models import BoardTop, Leaderboard, RankNotice

MAIN_BOARD: Final = "points"
WINDOW: Final[Window] = "month"
PAGE: Final = "/portal/leaderboard"
STEPS: Final[Mapping[int, str]] = {1: "You lead", 3: "You are in the top 3 of", 10: "You are in the top 10 of"}
"""What it is worth telling somebody that they have come so far, the best first."""
_LOWEST: Final = max(STEPS)
_LOOKED_AT: Final = 2 * _LOWEST
"""Places that are compared: who was overtaken by several at once is still among them."""


@dataclass(frozen=True, slots=True)
class News:
    """What one member is to hear: that they have come to this step, or were overtaken; and their rank now."""

    user_id: UUID
    rank: int
    step: int | None


async def follow(session: AsyncSession, actor: Actor, keys: Collection[str], *, now: datetime) -> list[News]:
    """Tell what is new if these keys of a delivery (`board:period`) concern the main board's open month."""
    query = select(Leaderboard.id).where(Leaderboard.key == MAIN_BOARD, Leaderboard.status == "active")
    board_id = (await session.exec(query)).one_or_none() if any(":" in key for key in keys) else None
    if board_id is None or not any(key.startswith(f"{board_id}:") for key in keys):
        return []
    board = await boards.get_board(session, actor, MAIN_BOARD)
    return await tell(session, actor, board, now=now)


async def tell(session: AsyncSession, actor: Actor, board: Board, *, now: datetime) -> list[News]:
    """Tell members of the main board's open month what is new since the last time; give what was told.

    The caller holds the turn of the boards' topic, so that one at a time compares.
    """
    period = board.period_at(WINDOW, now)
    known = await session.get(BoardTop, (actor.tenant_id, board.id))
    places = await tops.read(session, board, period, limit=_LOOKED_AT)
    before = () if known is None or known.period != period else tops.unpack(known.places)
    if known is not None and places == before and known.period == period:
        return []
    values = {"period": period, "places": tops.pack(places), "updated_at": now}
    statement = insert(BoardTop).values(tenant_id=actor.tenant_id, leaderboard_id=board.id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "leaderboard_id"], set_=values))
    if known is None:
        return []  # nothing was told yet: whoever stands here has stood here before
    fresh = await _new_within_the_hour(session, actor, board, list(compare(before, places, board.sort)), now)
    for news in fresh:
        await _tell(session, actor, board, news)
    return fresh


def compare(before: Sequence[Placed], after: Sequence[Placed], sort: str) -> Iterator[News]:
    """Give the news between two states of the first places. Pure.

    Who falls because their own score fell was not overtaken.
    """
    earlier = {place.user_id: place for place in before}
    for place in after:
        old = earlier.get(place.user_id)
        step = next((step for step in STEPS if place.rank <= step), None)
        if step is not None and (old is None or old.rank > step):
            yield News(place.user_id, place.rank, step)
        elif old is not None and old.rank <= _LOWEST and place.rank > old.rank and not _is_worse(place, old, sort):
            yield News(place.user_id, place.rank, None)


def _is_worse(place: Placed, old: Placed, sort: str) -> bool:
    return place.score > old.score if sort == "asc" else place.score < old.score


async def _new_within_the_hour(
    session: AsyncSession, actor: Actor, board: Board, told: Sequence[News], now: datetime
) -> list[News]:
    """Keep the news of those who were told nothing yet within this hour."""
    if not told:
        return []
    shared = {"tenant_id": actor.tenant_id, "leaderboard_id": board.id, "hour": _hour(now)}
    statement = insert(RankNotice).values([{**shared, "user_id": news.user_id} for news in told])
    written = await session.execute(statement.on_conflict_do_nothing().returning(col(RankNotice.user_id)))
    first = set(written.scalars())
    return [news for news in told if news.user_id in first]


async def _tell(session: AsyncSession, actor: Actor, board: Board, news: News) -> None:
    """Leave the notice; it names nobody else, whatever they let others see."""
    words = STEPS[news.step] if news.step else "Somebody has overtaken you on"
    await notices.tell(
        session,
        actor,
        "rank_change",
        news.user_id,
        title=f"{words} {board.title}",
        body=f"Your rank this month is {news.rank}.",
        path=PAGE,
        data={"leaderboard": board.key, "rank": news.rank},
    )


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
