"""Places on a board as pages draw them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from math import ceil
from typing import Final

from bizosaas_app.gateway.contracts.leaderboards import BoardView, EntryView
from state import words
from state.rows import RankRow

WINDOW_LABELS: Final[dict[str, str]] = {"all": "All time", "month": "Month", "week": "Week", "day": "Day"}
WINDOW_TITLES: Final[dict[str, str]] = {
    "all": "all time",
    "month": "this month",
    "week": "this week",
    "day": "today",
}

_ROWS: Final = 16_384
"""Rows that a worker remembers: some 5 MB."""

NOWHERE: Final = RankRow(
    key="", rank=0, name="", initials="", score="", share=0, movement=0, movement_text="", is_me=False
)
"""The own row of somebody without a score."""


def rows(board: BoardView, before: Mapping[str, int] | None = None) -> list[RankRow]:
    """Give the board's rows; `before` holds the ranks, by row key, that the reader saw last."""
    first = board.entries[0].score if board.entries else 0
    return [row(entry, first, before or {}) for entry in board.entries]


def row(entry: EntryView, first_score: float, before: Mapping[str, int]) -> RankRow:
    """Give one row; its share is in percent of the first score, its movement against what was seen last."""
    return _row(
        key=entry.key,
        rank=entry.rank,
        name=entry.display_name,
        score=entry.score,
        share=_share(entry.score, first_score),
        movement=before.get(entry.key, entry.rank) - entry.rank,
        is_me=entry.is_me,
    )


@lru_cache(maxsize=_ROWS)
def _row(*, key: str, rank: int, name: str, score: float, share: int, movement: int, is_me: bool) -> RankRow:
    """Make a row once for all who see the same; nobody changes a row, a change makes another one."""
    return RankRow(
        key=key,
        rank=rank,
        name=name,
        initials=words.initials(name),
        score=words.number(Decimal(str(score))),
        share=share,
        movement=movement,
        movement_text=moved(movement),
        is_me=is_me,
    )


def own(board: BoardView, before: Mapping[str, int] | None = None) -> RankRow:
    """Give the reader's own row, or `NOWHERE`."""
    if board.me is None:
        return NOWHERE
    first = board.entries[0].score if board.entries else board.me.score
    return row(board.me, first, before or {})


def moved(places: int) -> str:
    """Say a movement in words: `up 2`, `down 1`, or nothing."""
    if not places:
        return ""
    return f"{'up' if places > 0 else 'down'} {abs(places)}"


def rank_label(board: BoardView) -> str:
    """Give the reader's rank, or a dash."""
    return words.number(board.me.rank) if board.me else "\N{EN DASH}"


def score_label(board: BoardView) -> str:
    """Name the column of scores: what is summed, or just the count."""
    return "Points" if board.leaderboard.metric.get("aggregate") == "sum" else "Count"


def top_percent(board: BoardView) -> int:
    """Give the part of the members, in percent and rounded up, that the reader is among from the top."""
    return min(100, ceil(100 * board.me.rank / max(board.total, 1))) if board.me else 100


def gap_label(board: BoardView) -> str:
    """Say what is missing to the next better rank: `8 points`, `2 more`, or that nobody is ahead."""
    if board.me is None:
        return ""
    if board.me.to_next is None:
        return "nobody is ahead" if board.me.rank == 1 else ""
    gap = Decimal(str(board.me.to_next))
    return words.counted(gap, "point", "points") if score_label(board) == "Points" else f"{words.number(gap)} more"


def standing(board: BoardView) -> str:
    """Say in one sentence where the reader stands."""
    title, window = board.leaderboard.title, WINDOW_TITLES[board.leaderboard.window]
    if board.me is None:
        return f"You have no score on {title} {window} yet."
    if board.me.is_hidden:
        return f"You are hidden; you would be {ordinal(board.me.rank)} on {title} {window}."
    return f"You are {ordinal(board.me.rank)} of {words.number(board.total)} on {title} {window}."


def ordinal(rank: int) -> str:
    """Give 1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{words.number(rank)}{ending}"


def _share(score: float, first: float) -> int:
    return max(0, min(100, round(100 * score / first))) if first > 0 else 0
