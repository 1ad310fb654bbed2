"""What an event is about, by its name: the achievement that was unlocked, the board, the showcase."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification import periods
from bizosaas_app.services.gamification.facts import PODIUM, UNLOCKED
from bizosaas_app.services.gamification.portfolios.publishing import PUBLISHED
from models import Achievement, GamificationEvent, Leaderboard, ShowcasePortfolio

_PLACES: Final = {1: "First", 2: "Second", 3: "Third"}


async def name(session: AsyncSession, events: Sequence[GamificationEvent]) -> dict[UUID, str]:
    """Give what each of the events is about, for those that are about something with a name."""
    achievements = await _read(session, Achievement.id, Achievement.name, _named(events, UNLOCKED, "achievement_id"))
    showcases = await _read(
        session, ShowcasePortfolio.id, ShowcasePortfolio.title, _named(events, PUBLISHED, "portfolio_id")
    )
    boards = await _read(session, Leaderboard.key, Leaderboard.title, _named(events, PODIUM, "board"))
    found: dict[UUID, str] = {}
    for event in events:
        said = event.properties
        texts = {
            UNLOCKED: achievements.get(str(said.get("achievement_id")), ""),
            PUBLISHED: showcases.get(str(said.get("portfolio_id")), ""),
            PODIUM: _podium(said, boards),
        }
        if texts.get(event.type):
            found[event.event_id] = texts[event.type]
    return found


def _podium(said: Mapping[str, Any], boards: Mapping[str, str]) -> str:
    """Say which place it was, of which board and period: `First on Points, October 2026`."""
    title = boards.get(str(said.get("board")))
    place = _PLACES.get(int(said.get("rank") or 0))
    return f"{place} on {title}, {periods.title(str(said.get('period')))}" if title and place else ""


def _named(events: Iterable[GamificationEvent], event_type: str, field: str) -> set[str]:
    return {str(event.properties[field]) for event in events if event.type == event_type and field in event.properties}


async def _read(session: AsyncSession, key: Any, text: Any, wanted: set[str]) -> dict[str, str]:
    """Give the texts of the rows that are wanted; nothing is asked when none is."""
    if not wanted:
        return {}
    rows = await session.exec(select(key, text).where(col(key).in_(wanted)))
    return {str(row[0]): str(row[1]) for row in rows}
