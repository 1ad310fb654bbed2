"""The seasons that a board has closed, as they were announced: in its editor and on the board itself."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict

from bizosaas_app.gateway.contracts.leaderboards import SeasonView
from state import words
from state.rows import Choice


class WinnerRow(TypedDict):
    """A place of a closed season."""

    rank: int
    name: str
    score: str
    is_me: bool


class SeasonRow(TypedDict):
    """A closed season."""

    period: str
    title: str
    ended_at: str
    total: str
    winners: list[WinnerRow]


def row(season: SeasonView) -> SeasonRow:
    """Give a season as pages draw it."""
    return SeasonRow(
        period=season.period,
        title=_title(season),
        ended_at=words.moment(season.ended_at),
        total=words.counted(season.total, "member", "members"),
        winners=[
            WinnerRow(
                rank=place.rank,
                name=place.display_name,
                score=words.number(Decimal(str(place.score))),
                is_me=place.is_me,
            )
            for place in season.podium
        ],
    )


def choices(found: Sequence[SeasonView]) -> list[Choice]:
    """Give the open period and the closed ones to choose from; nothing when none is closed."""
    if not found:
        return []
    return [Choice(value="now", label="Now, live"), *(Choice(value=item.period, label=_title(item)) for item in found)]


def _title(season: SeasonView) -> str:
    return f"{season.title[0].upper()}{season.title[1:]}"
