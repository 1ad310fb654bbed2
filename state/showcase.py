"""The page of one showcase: its writing, its story, consents, publishing and sharing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import ClassVar
from uuid import UUID

import reflex as rx

from bizosaas_app.gateway import jobs, portfolio_watching, portfolios
from bizosaas_app.gateway.contracts.jobs import CancelRun
from bizosaas_app.gateway.contracts.portfolios import Consents, ShowcaseChange
from bizosaas_app.kernel.actor import Actor
from state import notices
from state.area import Next
from state.policy import policy
from state.portfolio import USE
from state.rewriting import RewritingState
from state.session import SessionState
from state.showcase_rows import ConsentRow
from state.showcase_story import StoryState


class ShowcaseState(RewritingState, StoryState, SessionState):
    """The showcase that the address names (`?id=`)."""

    GUARD: ClassVar[str] = USE

    withdrawn: ConsentRow = {"key": "", "label": "", "text": "", "is_on": False, "is_missing": False}
    """The consent that the open dialog is about to take back."""

    @rx.event(background=True, supersedes=True)
    @policy(USE, page_load=True)
    async def load(self) -> None:
        """Read the showcase, and again whenever it changes, until the page is left."""
        async with self:
            self._begin(self.router.url.query_parameters.get("id", ""))
            is_asked = bool(self._asked_id)
        if is_asked:
            await self._follow()

    @rx.event
    @policy(USE)
    async def consent(self, key: str, is_on: bool) -> AsyncIterator[Next]:
        """Give a consent, or take it back; from a published page only after a question, since it comes down."""
        row = next((row for row in self.consents if row["key"] == key), None)
        if row is None:
            return
        if not is_on and self.shown["is_public"]:
            self.withdrawn = row
            self._open_dialog("withdraw")
            return
        async for event in self._consent(row["key"], is_on=bool(is_on)):
            yield event

    @rx.event
    @policy(USE)
    async def withdraw(self) -> AsyncIterator[Next]:
        """Take a consent back, which takes the page down."""
        self._tidy()
        async for event in self._consent(self.withdrawn["key"], is_on=False):
            yield event

    @rx.event
    @policy(USE)
    async def publish(self) -> AsyncIterator[Next]:
        """Put the page before everybody."""
        async for event in self._act(self._publish, "Published. Everybody with the link can read it."):
            yield event

    @rx.event
    @policy(USE)
    async def unpublish(self) -> AsyncIterator[Next]:
        """Take the page down."""
        async for event in self._act(self._unpublish, "The page is down"):
            yield event

    @rx.event
    @policy(USE)
    async def cancel(self) -> AsyncIterator[Next]:
        """Ask the writer to stop."""
        async for event in self._act(self._cancel, "Stopping"):
            yield event

    @rx.event
    @policy(USE)
    async def begin_again(self) -> None:
        """Open the dialog that has it written again."""
        await self._ask_period("retry")

    def _rewritten_id(self) -> UUID:
        return self._command().portfolio_id

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return portfolio_watching.watch_showcases(actor)

    async def _consent(self, key: str, *, is_on: bool) -> AsyncIterator[Next]:
        change = ShowcaseChange(consents=Consents.model_validate({key: is_on}))
        async for event in self._act(lambda actor: self._send(actor, change), "Agreed" if is_on else "Taken back"):
            yield event

    async def _publish(self, actor: Actor) -> None:
        await portfolios.publish(actor, self._command())

    async def _unpublish(self, actor: Actor) -> None:
        await portfolios.unpublish(actor, self._command())

    async def _cancel(self, actor: Actor) -> None:
        await jobs.cancel_run(actor, CancelRun(run_id=notices.id_of(self.shown["run_id"])))
