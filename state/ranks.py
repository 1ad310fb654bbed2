"""Places on a board as pages draw them. Pure."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from math import ceil
from typing import Final, TypedDict

from bizosaas_app.gateway.contracts.leaderboards import BoardHead, BoardLine, BoardView, EntryView
from state import locales, words
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


class PrizeLine(TypedDict):
    """What a place of a board is rewarded with."""

    rank: int
    title: str


def rows(board: BoardView, leader: float | None = None) -> list[RankRow]:
    """Give the board's rows; of rows that do not begin at the top the `leader`'s score is given."""
    first = leader if leader is not None else board.entries[0].score if board.entries else 0
    return [row(entry, first) for entry in board.entries]


def row(entry: EntryView, first_score: float) -> RankRow:
    """Give one row; its share is in percent of the first score, its movement since yesterday."""
    return _row(
        key=entry.key,
        rank=entry.rank,
        name=entry.display_name,
        score=entry.score,
        share=_share(entry.score, first_score),
        movement=entry.movement or 0,
        is_me=entry.is_me,
        locale=locales.current(),
    )


@lru_cache(maxsize=_ROWS)
def _row(
    *,
    key: str,
    rank: int,
    name: str,
    score: float,
    share: int,
    movement: int,
    is_me: bool,
    locale: str,  # noqa: ARG001  # rows are remembered for each way of writing numbers
) -> RankRow:
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


def own(board: BoardView, leader: float | None = None) -> RankRow:
    """Give the reader's own row, or `NOWHERE`."""
    if board.me is None:
        return NOWHERE
    first = board.entries[0].score if board.entries else board.me.score
    return row(board.me, first if leader is None else leader)


def prizes(board: BoardLine) -> list[PrizeLine]:
    """Give what there is to win, by place."""
    listed = sorted(board.prizes, key=lambda prize: int(prize["rank"]))
    return [PrizeLine(rank=int(prize["rank"]), title=str(prize["title"])) for prize in listed]


def moved(places: int) -> str:
    """Say a movement in words: `up 2 since yesterday`, `down 1 since yesterday`, or nothing."""
    if not places:
        return ""
    return f"{'up' if places > 0 else 'down'} {abs(places)} since yesterday"


def window_label(board: BoardLine, window: str) -> str:
    """Name a window of the board; one that resets has seasons in place of all time."""
    return "Season" if window == "all" and board.resets else WINDOW_LABELS[window]


def window_title(board: BoardHead) -> str:
    """Name the window that is shown, within a sentence."""
    return "this season" if board.window == "all" and board.resets else WINDOW_TITLES[board.window]


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
    title, window = board.leaderboard.title, window_title(board.leaderboard)
    if board.me is None:
        return f"You have no score on {title} {window} yet."
    if board.me.is_hidden:
        return f"You are hidden; you would be {ordinal(board.me.rank)} on {title} {window}."
    change = moved(board.me.movement or 0)
    place = f"You are {ordinal(board.me.rank)} of {words.number(board.total)} on {title} {window}"
    return f"{place}, {change}." if change else f"{place}."


def place(board: BoardView, *, is_over: bool = False) -> str:
    """Say the reader's place on the board that is shown: `You are 7th of 46, in the top 16%`."""
    if board.me is None:
        return ""
    verb = "finished" if is_over else "are"
    if board.me.is_hidden:
        return f"You are hidden; only you see that you {verb} {ordinal(board.me.rank)}."
    parts = [f"You {verb} {ordinal(board.me.rank)} of {words.number(board.total)}", f"in the top {top_percent(board)}%"]
    change = moved(board.me.movement or 0)
    return f"{', '.join([*parts, *([change] if change else [])])}."


def ordinal(rank: int) -> str:
    """Give 1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{words.number(rank)}{ending}"


def _share(score: float, first: float) -> int:
    return max(0, min(100, round(100 * score / first))) if first > 0 else 0
