"""The closed seasons of the board in the editor, a few at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import reflex as rx

from bizosaas_app.gateway import leaderboards
from bizosaas_app.gateway.contracts.leaderboards import ListSeasons
from bizosaas_app.kernel.errors import NotFound
from state import seasons
from state.area import AreaState
from state.boards import MANAGE
from state.policy import policy
from state.seasons import SeasonRow
from state.session import SessionState

AT_ONCE: Final = 4


class BoardHistoryState(AreaState, SessionState):
    """What the board that the address names has closed, an archived one too."""

    seasons: list[SeasonRow] = []
    has_more: bool = False
    is_reading: bool = False

    _board: str = ""
    _cursor: str = ""

    @rx.event
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the latest seasons."""
        self._board = self.router.url.query_parameters.get("board", "")
        self.seasons, self._cursor, self.area = [], "", "loading"
        async with self._showing():
            await self._read()

    @rx.event
    @policy(MANAGE)
    async def show_more(self) -> AsyncIterator[None]:
        """Read the ones before."""
        self.is_reading = True
        yield
        async with self._showing():
            await self._read()
        self.is_reading = False

    async def _read(self) -> None:
        if not self._board:
            self._succeed(is_empty=True)
            return
        try:
            page = await leaderboards.list_seasons(
                await self._actor(), ListSeasons(key=self._board, limit=AT_ONCE, cursor=self._cursor or None)
            )
        except NotFound:
            self._succeed(is_empty=True)
            return
        self.seasons = [*self.seasons, *map(seasons.row, page.items)]
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor)
        self._succeed(is_empty=not self.seasons)
