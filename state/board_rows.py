"""The rows of the board that is shown, and what is said beside them."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway.contracts.leaderboards import BoardView
from state import ranks, words
from state.area import AreaState
from state.ranks import NOWHERE, PrizeLine
from state.rows import RankRow

PAGE_SIZE: Final = 25
"""A screen or two. A reader far down sees their own row pinned, and may jump to it."""


class BoardRowsState(AreaState, mixin=True):
    """The top of a board with what was loaded below it, or the rows around the reader."""

    board_title: str = ""
    score_label: str = ""
    window_label: str = ""
    rows: list[RankRow] = []
    me: RankRow = NOWHERE
    has_rank: bool = False
    is_me_below: bool = False
    top_label: str = ""
    level_label: str = ""
    gap_label: str = ""
    total_label: str = ""
    has_more: bool = False
    as_of: str = ""
    ended_at: str = ""
    """When the period that is shown ended; empty for the open one."""
    standing: str = ""
    announcement: str = ""
    prizes: list[PrizeLine] = []
    is_around: bool = False
    """Whether the rows around the reader are shown in place of the top."""

    _cursor: str = ""
    _is_open: bool = False
    _leader: float = 0
    """The first place's score, which the bars of the rows are measured by."""

    def _show(self, view: BoardView) -> None:
        """Draw the first page; what was loaded below it stays. Around the reader only what is said of them changes."""
        self._leader = view.entries[0].score if view.entries else 0
        if self.is_around and self._is_open:
            self._announce(ranks.own(view)["rank"])
            self.me = ranks.own(view)
            self._label(view)
            return
        page, own = ranks.rows(view), ranks.own(view)
        below = self._below(page) if self._is_open else []
        rows = [*page, *below]
        self._announce(own["rank"])
        self._is_open = True
        self.rows, self.me, self.has_rank = rows, own, view.me is not None
        self.is_me_below = view.me is not None and own["key"] not in {row["key"] for row in rows}
        if not below:
            self._cursor = view.next_cursor or ""
            self.has_more = bool(self._cursor)
        self._label(view)
        self._succeed(is_empty=not view.entries and view.me is None)
        if view.connection == "reconnecting":
            self._warn("The live connection is being restored; ranks may be a moment old.")

    def _show_around(self, view: BoardView) -> None:
        own = ranks.own(view, self._leader)
        self.rows, self.me, self.has_rank = ranks.rows(view, self._leader), own, view.me is not None
        self.is_me_below = view.me is not None and own["key"] not in {row["key"] for row in self.rows}
        self.has_more = False
        self._label(view)

    def _below(self, page: list[RankRow]) -> list[RankRow]:
        """Give what was loaded below the first page, with who fell out of it and without who came up into it."""
        if len(self.rows) <= PAGE_SIZE:
            return []
        shown = {row["key"] for row in page}
        return [row for row in self.rows if row["key"] not in shown]

    def _label(self, view: BoardView) -> None:
        self.board_title = view.leaderboard.title
        self.score_label = ranks.score_label(view)
        self.window_label = ranks.window_title(view.leaderboard)
        self.total_label = words.counted(view.total, "member", "members")
        self.top_label = f"{ranks.top_percent(view)}%"
        self.gap_label = ranks.gap_label(view)
        self.as_of = words.moment(view.as_of)
        self._label_rarely(view)

    def _label_rarely(self, view: BoardView) -> None:
        """Say what most updates leave as it is; an assignment is sent to the browser even when nothing changes."""
        found = {
            "standing": ranks.place(view, is_over=bool(self.ended_at)),
            "level_label": f"{words.number(round(view.me.percentile, 1))}% of members" if view.me else "",
            "prizes": ranks.prizes(view.leaderboard),
        }
        for name, value in found.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _announce(self, rank: int) -> None:
        """Tell a screen reader of a change of the own rank, and only of that."""
        before = self.me["rank"]
        if self._is_open and rank and before and rank != before:
            self.announcement = f"You moved {'up' if rank < before else 'down'} to rank {rank}."
