"""Leaderboards: what is asked and answered."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from bizosaas_app.gateway.contracts.base import Command, Moment, Paging, View

Window = Literal["all", "month", "week", "day"]
Privacy = Literal["public", "pseudonym", "hidden"]

Score = int | float
"""A whole number where it is one."""


class ListBoards(Paging):
    """Which page of the tenant's boards, by key."""


class BoardQuery(Paging):
    """Which rows: from the top, after a cursor, or around oneself; `window` is the board's own if left out."""

    window: Window | None = None
    around: Literal["me"] | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.around is not None and self.cursor is not None:
            raise ValueError("Ask for rows around yourself or after a cursor, not both")
        return self


class ReadBoard(BoardQuery):
    """Which rows of which board."""

    key: str


class ReadPrivacy(Command):
    """Asks what others see of oneself."""


class SetPrivacy(Command):
    """Chooses what others see of oneself, on every board."""

    mode: Privacy


class BoardLine(View):
    """A board as a list shows it; `resets` says when a new season takes the place of all time."""

    key: str
    title: str
    metric: dict[str, Any]
    operator: str
    sort: str
    tie_rule: str
    windows: list[Window]
    default_window: Window
    resets: str | None
    caps: dict[str, Any]
    visibility: list[str] | None
    prizes: list[dict[str, Any]]
    status: str


class BoardHead(BoardLine):
    """A board with the window that is shown; `period` names it, such as `2026-W47`."""

    window: Window
    period: str


class EntryView(View):
    """One row. `key` tells rows apart from one answer to the next; it says nothing about who it is."""

    key: str
    rank: int
    display_name: str
    score: Score
    is_me: bool


class OwnEntryView(EntryView):
    """The reader's own row, under their own name; for a hidden one, the place that they would have.

    `percentile` is the share of members at or below this score (100 for the first); `to_next` is how far the next
    better score is away, null for the first.
    """

    percentile: float
    to_next: Score | None
    is_hidden: bool


class BoardView(View):
    """Some rows of a board, and where the reader stands; `connection` is of interest to live pages only."""

    leaderboard: BoardHead
    entries: list[EntryView]
    me: OwnEntryView | None
    total: int
    next_cursor: str | None
    as_of: Moment
    connection: Literal["live", "reconnecting"] = "live"


class PrivacyView(View):
    """What others see of oneself: `display_name` is empty for a hidden member; `pseudonym` is theirs for good."""

    mode: Privacy
    display_name: str
    pseudonym: str
