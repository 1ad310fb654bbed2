"""Reading a page's data, and again whenever news of it come, for as long as the page is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Final

import reflex as rx

from bizosaas_app.kernel.actor import Actor
from state.area import AreaState
from state.guarded import Guarded, opens_page
from state.session import SessionState
from state.watching import while_open

PAUSE_SECONDS: Final = 1.0
"""Between two readings: each asks the database several questions, and news can come ten times a second."""
TABLE_PAUSE_SECONDS: Final = 5.0
"""Between two readings of a table whose news are those of the whole ledger: rows rarely move under the reader."""


class FollowingState(AreaState, Guarded, SessionState, mixin=True):
    """An area that is read when its page opens and kept up to date until the page is left.

    A class that takes it says what its `_news` are, fills `_read`, and names its `GUARD`. It stands before
    `ListingState` where a class takes both: its `load` is the one that goes on.
    """

    @rx.event(background=True, supersedes=True)
    @opens_page
    async def load(self) -> None:
        """Read everything, and again after each of the news, until the page is left."""
        await self._follow()

    @rx.event
    async def reload(self) -> None:
        """Read everything again, after a failure."""
        await self._reread()

    async def _follow(self, pause_seconds: float = PAUSE_SECONDS) -> None:
        """Read now and after each of the news; the work of a background handler."""
        async with self:
            self._arrive()
            actor, tab = await self._actor(), self.router.session.client_token
        try:
            async with aclosing(while_open(self._news(actor), tab)) as changes:
                async for change in changes:
                    async with self, self._showing():
                        if not self._belongs_to(actor):
                            return
                        await self._hear(actor, change)
                    actor = replace(actor, is_following=True)
                    await asyncio.sleep(pause_seconds)
        except Exception as error:  # noqa: BLE001  # the UI's edge: every failure becomes a designed state
            async with self:
                if self._belongs_to(actor):
                    self._fail(error)

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        """Give something at once, and again whenever the area is to be read anew."""
        raise NotImplementedError

    async def _hear(self, actor: Actor, news: object) -> None:  # noqa: ARG002  # most pages read all of it again
        """Answer one of the news, by reading."""
        await self._read(actor)

    async def _reread(self) -> None:
        """Read once more, after a failure."""
        async with self._showing():
            await self._read(await self._actor())

    async def _read(self, actor: Actor) -> None:
        """Read everything that the page shows."""
        raise NotImplementedError
