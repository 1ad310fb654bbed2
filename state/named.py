"""One thing that a page's address names (`?id=`): read as the page opens, and again for as long as it is open."""

from __future__ import annotations

from uuid import UUID

import reflex as rx

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import NotFound
from state import notices
from state.following import FollowingState
from state.guarded import opens_page


class NamedState(FollowingState, mixin=True):
    """A part of such a page. A class that takes it fills `_read_named`, says its `_news`, and names its `GUARD`."""

    _asked_id: str = ""

    @rx.event(background=True, supersedes=True)
    @opens_page
    async def load(self) -> None:
        """Read what the address names, and again after each of the news, until the page is left."""
        async with self:
            self._take_address()
        await self._follow()

    def _take_address(self) -> None:
        """Learn which thing the address names; the work of a page's load."""
        asked = self.router.url.query_parameters.get("id", "")
        if asked != self._asked_id:
            self._forget()
            self._asked_id = asked

    @property
    def _named_id(self) -> UUID:
        """The id of the thing, or `NotFound` is raised."""
        return notices.id_of(self._asked_id)

    async def _read(self, actor: Actor) -> None:
        """Read it; a thing that is not there, or is another tenant's, is an empty page."""
        try:
            await self._read_named(actor, self._named_id)
        except NotFound:
            self._succeed(is_empty=True)

    async def _read_named(self, actor: Actor, named: UUID) -> None:
        """Read all that the page shows of the thing; raises `NotFound`."""
        raise NotImplementedError

    def _forget(self) -> None:
        """Show nothing of what another address named."""
        self.area = "loading"
