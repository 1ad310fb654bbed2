"""The leaderboard page: one board in one window, live."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import reflex as rx
from pydantic import ValidationError
from reflex.event import EventSpec

from bizosaas_app.gateway import leaderboards
from bizosaas_app.gateway.contracts.leaderboards import (
    BoardView,
    ListBoards,
    PrivacyView,
    ReadBoard,
    ReadPrivacy,
    SetPrivacy,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import ranks, words
from state.area import AreaState, Next
from state.policy import policy
from state.ranks import NOWHERE
from state.rows import Choice, RankRow
from state.session import SessionState
from state.watching import while_open

PAGE_SIZE = 50


class LeaderboardState(AreaState, SessionState):
    """The board that is shown. Rows beyond the first page are read on demand; the first page is live."""

    boards: list[Choice] = []
    board: str = ""
    board_title: str = ""
    score_label: str = ""
    windows: list[Choice] = []
    window: str = ""
    window_label: str = ""
    rows: list[RankRow] = []
    me: RankRow = NOWHERE
    has_rank: bool = False
    is_me_below: bool = False
    top_label: str = ""
    gap_label: str = ""
    total_label: str = ""
    has_more: bool = False
    is_loading_more: bool = False
    as_of: str = ""
    announcement: str = ""
    privacy: str = ""
    preview_name: str = ""
    preview_initials: str = ""

    _watch: int = 0
    """Number of the watcher that may write: choosing another board makes the older ones end."""
    _cursor: str = ""
    _is_open: bool = False

    @rx.event
    @policy("view_leaderboards", page_load=True)
    async def load(self) -> Next:
        """Read the boards that there are, show the first one, and follow it."""
        async with self._showing():
            actor = await self._actor()
            lines = (await leaderboards.list_boards(actor, ListBoards())).items
            lines = sorted(lines, key=lambda line: line.key != leaderboards.MAIN_BOARD)
            self.boards = [Choice(value=line.key, label=line.title) for line in lines]
            if not lines:
                self._succeed(is_empty=True)
                return None
            shown = next((line for line in lines if line.key == self.board), lines[0])
            self.board = shown.key
            self.windows = [Choice(value=window, label=ranks.window_label(shown, window)) for window in shown.windows]
            self.window = self.window if self.window in shown.windows else shown.default_window
            self._show_privacy(await leaderboards.read_privacy(actor, ReadPrivacy()))
            return LeaderboardState.follow
        return None

    @rx.event(background=True, supersedes=True)
    @policy("view_leaderboards")
    async def follow(self) -> AsyncIterator[Next]:
        """Show the board each time it changes, until the tab is closed or another board is chosen."""
        async with self:
            self._watch += 1
            watch, self._is_open, self._cursor = self._watch, False, ""
            actor, tab = await self._actor(), self.router.session.client_token
            command = ReadBoard(key=self.board, window=self.window, limit=PAGE_SIZE)
        try:
            async with aclosing(while_open(leaderboards.watch_board(actor, command), tab)) as views:
                async for view in views:
                    async with self:
                        if not self._is_wanted(watch, actor):
                            return
                        self._show(view)
            async with self:
                if self._is_wanted(watch, actor):
                    self.partial_note = "This page is no longer followed live. Open it again to go on."
            yield SessionState.enter
        except Exception as error:  # noqa: BLE001  # the UI's edge: every failure becomes a designed state
            async with self:
                if self._is_wanted(watch, actor):
                    self._fail(error)

    @rx.event
    @policy("view_leaderboards")
    def reload(self) -> Next:
        """Try again after a failure."""
        self.area = "loading"
        return LeaderboardState.load

    @rx.event
    @policy("view_leaderboards")
    async def choose_board(self, key: str) -> Next:
        """Show another board."""
        if key not in {choice["value"] for choice in self.boards}:
            return rx.toast.error("There is no such board")
        self.board, self.area = key, "loading"
        return LeaderboardState.load

    @rx.event
    @policy("view_leaderboards")
    async def choose_window(self, window: str) -> Next:
        """Show another window of the same board."""
        if window not in {choice["value"] for choice in self.windows}:
            return rx.toast.error("This board has no such period")
        self.window = window
        return LeaderboardState.follow

    @rx.event
    @policy("view_leaderboards")
    async def show_more(self) -> AsyncIterator[None]:
        """Read the next page and put it below; from then on the rows below stay as they were read."""
        self.is_loading_more = True
        yield
        try:
            command = ReadBoard(key=self.board, window=self.window, limit=PAGE_SIZE, cursor=self._cursor or None)
            view = await leaderboards.read_board(await self._actor(), command)
            known = {row["key"] for row in self.rows}
            self.rows = [*self.rows, *(row for row in ranks.rows(view) if row["key"] not in known)]
            self._cursor = view.next_cursor or ""
            self.has_more = bool(self._cursor)
        finally:
            self.is_loading_more = False

    @rx.event
    @policy("access_gamification")
    async def choose_privacy(self, mode: str) -> EventSpec:
        """Choose what others see of me, on every board."""
        try:
            actor = await self._actor()
            self._show_privacy(await leaderboards.set_privacy(actor, SetPrivacy.model_validate({"mode": mode})))
        except (AppError, ValidationError):
            return rx.toast.error("That could not be saved. Try again in a moment.")
        return rx.toast.success("Saved. It counts everywhere now.")

    def _is_wanted(self, watch: int, actor: Actor) -> bool:
        return self._watch == watch and self._belongs_to(actor)

    def _show(self, view: BoardView) -> None:
        """Draw the first page; what was loaded below it stays."""
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
            self.partial_note = "The live connection is being restored; ranks may be a moment old."

    def _below(self, page: list[RankRow]) -> list[RankRow]:
        """Give the rows that were loaded below the first page, without those that have come up into it."""
        if len(self.rows) <= PAGE_SIZE:
            return []
        shown = {row["key"] for row in page}
        return [row for row in self.rows[PAGE_SIZE:] if row["key"] not in shown]

    def _label(self, view: BoardView) -> None:
        self.board_title = view.leaderboard.title
        self.score_label = ranks.score_label(view)
        self.window_label = ranks.window_title(view.leaderboard)
        self.total_label = words.counted(view.total, "member", "members")
        self.top_label = f"{ranks.top_percent(view)}%"
        self.gap_label = ranks.gap_label(view)
        self.as_of = words.moment(view.as_of)

    def _announce(self, rank: int) -> None:
        """Tell a screen reader of a change of the own rank, and only of that."""
        before = self.me["rank"]
        if self._is_open and rank and before and rank != before:
            self.announcement = f"You moved {'up' if rank < before else 'down'} to rank {rank}."

    def _show_privacy(self, view: PrivacyView) -> None:
        self.privacy, self.preview_name = view.mode, view.display_name
        self.preview_initials = words.initials(view.display_name)
