"""The leaderboard page: one board in one window, live."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

import reflex as rx
from pydantic import ValidationError
from reflex.event import EventSpec

from bizosaas_app.gateway import leaderboards
from bizosaas_app.gateway.contracts.leaderboards import (
    ListBoards,
    ListSeasons,
    PrivacyView,
    ReadBoard,
    ReadPrivacy,
    SetPrivacy,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import ranks, seasons, words
from state.area import Next
from state.board_rows import PAGE_SIZE, BoardRowsState
from state.policy import policy
from state.rows import Choice
from state.session import SessionState
from state.watching import while_open

AROUND: Final = 15
"""Rows around the reader: they fit a screen."""
MOST_PERIODS: Final = 24
OPEN: Final = "now"
"""Stands for the open period among those to choose from."""


class LeaderboardState(BoardRowsState, SessionState):
    """The board that is shown. Rows beyond the first page are read on demand; the first page is live."""

    boards: list[Choice] = []
    board: str = ""
    windows: list[Choice] = []
    window: str = ""
    is_loading_more: bool = False
    periods: list[Choice] = []
    """The open period and those that are closed."""
    period: str = OPEN
    is_reading: bool = False
    privacy: str = ""
    preview_name: str = ""
    preview_initials: str = ""

    _watch: int = 0
    """Number of the watcher that may write: choosing another board makes the older ones end."""
    _endings: dict[str, str] = {}
    """When each closed period ended."""

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
            return self._show_now()
        return None

    @rx.event(background=True, supersedes=True)
    @policy("view_leaderboards")
    async def follow(self) -> AsyncIterator[Next]:
        """Show the board each time it changes, until the tab is closed or another board is chosen."""
        async with self:
            self._watch += 1
            watch, self._is_open, self._cursor = self._watch, False, ""
            self.is_reading = False
            actor, tab = await self._actor(), self.router.session.client_token
            command = ReadBoard(key=self.board, window=self.window, limit=PAGE_SIZE)
        try:
            async with aclosing(while_open(leaderboards.watch_board(actor, command), tab)) as views:
                async for view in views:
                    async with self:
                        if not self._is_wanted(watch, actor):
                            return
                        is_around = self.is_around
                        self._show(view)
                    if is_around:
                        await self._follow_around(watch, actor)
            async with self:
                if self._is_wanted(watch, actor):
                    self._warn("This page is no longer followed live. Open it again to go on.")
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
        return self._show_now()

    @rx.event
    @policy("view_leaderboards")
    async def read_periods(self) -> None:
        """Read which periods of the window are closed; without them the open one is all there is to choose."""
        self.periods = []
        try:
            command = ListSeasons.model_validate({"key": self.board, "window": self.window, "limit": MOST_PERIODS})
            found = await leaderboards.list_seasons(await self._actor(), command)
        except (AppError, ValidationError):
            return
        self.periods = seasons.choices(found.items)
        self._endings = {season.period: words.moment(season.ended_at) for season in found.items}

    @rx.event
    @policy("view_leaderboards")
    async def choose_period(self, period: str) -> AsyncIterator[Next]:
        """Show the final standings of a closed period, or the open one again."""
        if period == OPEN or period not in self._endings:
            yield self._show_now()
            return
        self._watch += 1
        self.period, self.ended_at, self.is_around, self.is_reading = period, self._endings[period], False, True
        yield
        await self._read_closed()
        self.is_reading = False

    @rx.event
    @policy("view_leaderboards")
    async def jump_to_me(self) -> AsyncIterator[None]:
        """Show the rows around the reader in place of the top."""
        self.is_reading = True
        yield
        async with self._showing():
            period = None if self.period == OPEN else self.period
            command = self._asked(around="me", limit=AROUND, period=period)
            view = await leaderboards.read_board(await self._actor(), command)
            self.is_around = True
            self._show_around(view)
        self.is_reading = False

    @rx.event
    @policy("view_leaderboards")
    async def back_to_top(self) -> Next:
        """Show the top again."""
        self.is_around = False
        if self.period == OPEN:
            return self._show_now()
        await self._read_closed()
        return None

    @rx.event
    @policy("view_leaderboards")
    async def show_more(self) -> AsyncIterator[None]:
        """Read the next page and put it below; from then on the rows below stay as they were read."""
        self.is_loading_more = True
        yield
        try:
            period = None if self.period == OPEN else self.period
            command = self._asked(cursor=self._cursor or None, period=period)
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

    async def _read_closed(self) -> None:
        """Read the final standings of the chosen period."""
        async with self._showing():
            view = await leaderboards.read_board(await self._actor(), self._asked(period=self.period))
            self._is_open = False
            self._show(view)

    async def _follow_around(self, watch: int, actor: Actor) -> None:
        """Read the rows around the reader again; who looks at the top does not pay for it."""
        view = await leaderboards.read_board(
            replace(actor, is_following=True),
            self._asked(around="me", limit=AROUND),
        )
        async with self:
            if self._is_wanted(watch, actor) and self.is_around:
                self._show_around(view)

    def _show_now(self) -> Next:
        """Follow the top of the open period."""
        self.period, self.ended_at, self.is_around = OPEN, "", False
        return [LeaderboardState.follow, LeaderboardState.read_periods]

    def _asked(self, **more: Any) -> ReadBoard:
        return ReadBoard.model_validate({"key": self.board, "window": self.window, "limit": PAGE_SIZE, **more})

    def _show_privacy(self, view: PrivacyView) -> None:
        self.privacy, self.preview_name = view.mode, view.display_name
        self.preview_initials = words.initials(view.display_name)
