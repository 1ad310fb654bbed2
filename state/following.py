"""Reading a page's data, and again whenever news of it come, for as long as the page is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from bizosaas_app.kernel.actor import Actor
from state.area import AreaState
from state.session import SessionState
from state.watching import while_open

PAUSE_SECONDS: Final = 1.0
"""Between two readings: each asks the database several questions, and news can come ten times a second."""


class FollowingState(AreaState, SessionState, mixin=True):
    """An area that is read when its page opens and kept up to date until the page is left."""

    async def _follow(
        self, news: Callable[[Actor], AsyncGenerator[object, None]], pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        """Read now and after each of the news; the work of a background handler."""
        async with self:
            actor, tab = await self._actor(), self.router.session.client_token
        try:
            async with aclosing(while_open(news(actor), tab)) as changes:
                async for _ in changes:
                    async with self, self._showing():
                        if not self._belongs_to(actor):
                            return
                        await self._read(actor)
                    actor = replace(actor, is_following=True)
                    await asyncio.sleep(pause_seconds)
        except Exception as error:  # noqa: BLE001  # the UI's edge: every failure becomes a designed state
            async with self:
                if self._belongs_to(actor):
                    self._fail(error)

    async def _reread(self) -> None:
        """Read once more, after a failure."""
        async with self._showing():
            await self._read(await self._actor())

    async def _read(self, actor: Actor) -> None:
        """Read everything that the page shows."""
        raise NotImplementedError
