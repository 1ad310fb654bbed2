"""Leaderboards: what is asked and answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bizosaas_app.gateway.contracts.base import Command, Moment, Paging, View

Window = Literal["all", "month", "week", "day"]
Privacy = Literal["public", "pseudonym", "hidden"]

Score = int | float
"""A whole number where it is one."""


class ListBoards(Paging):
    """Which page of the tenant's boards, by key."""


class BoardQuery(Paging):
    """Which rows: from the top, after a cursor, or around oneself; `window` is the board's own if left out.

    `period` names an earlier one, such as `2026-W46`; else it is the open one.
    """

    window: Window | None = None
    around: Literal["me"] | None = None
    period: Annotated[str | None, StringConstraints(max_length=20)] = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.around is not None and self.cursor is not None:
            raise ValueError("Ask for rows around yourself or after a cursor, not both")
        return self


class ReadBoard(BoardQuery):
    """Which rows of which board."""

    key: str


class SeasonQuery(Paging):
    """Which closed periods: those of the board's own window, or of another."""

    window: Window | None = None


class ListSeasons(SeasonQuery):
    """Which closed periods of which board."""

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
    resets: str | None = None
    caps: dict[str, Any] = Field(default_factory=dict)
    visibility: list[str] | None = None
    prizes: list[dict[str, Any]] = Field(default_factory=list)
    status: str = "active"


class BoardHead(BoardLine):
    """A board with the window that is shown; `period` names it, such as `2026-W47`."""

    window: Window
    period: str


class EntryView(View):
    """One row. `key` tells rows apart from one answer to the next; it says nothing about who it is.

    `movement` is how many places the member has gained since yesterday ended, below zero for lost ones; null for who
    had no rank then, and on a board that began today.
    """

    key: str
    rank: int
    display_name: str
    score: Score
    is_me: bool
    movement: int | None = None


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


class PodiumView(View):
    """A place of a closed period; whoever is hidden now stands in none."""

    rank: int
    display_name: str
    score: Score
    is_me: bool


class SeasonView(View):
    """A closed period as it was announced; what came later moves the board of that period, not this record."""

    window: Window
    period: str
    title: str
    ended_at: Moment
    closed_at: Moment
    total: int
    podium: list[PodiumView]


class PrivacyView(View):
    """What others see of oneself: `display_name` is empty for a hidden member; `pseudonym` is theirs for good."""

    mode: Privacy
    display_name: str
    pseudonym: str
