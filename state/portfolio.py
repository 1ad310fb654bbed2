"""The gallery of showcases: one's own, and everybody's for who sees the figures of everybody."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, ClassVar, Final
from uuid import UUID

import reflex as rx

from bizosaas_app.gateway import jobs, portfolio_watching, portfolios
from bizosaas_app.gateway.contracts.jobs import CancelRun
from bizosaas_app.gateway.contracts.portfolios import GenerateShowcase, ListShowcases, ReadSummary
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import notices, showcase_words, words
from state.area import Next
from state.listing import ListingState
from state.policy import policy
from state.rewriting import RewritingState
from state.rows import StatRow
from state.session import SessionState
from state.showcase_rows import CardRow

USE: Final = "access_gamification"
SEE_ALL: Final = "view_analytics"


class PortfolioState(RewritingState, ListingState, SessionState):
    """The cards of a page of the gallery, kept up to date, and the dialogs that have one written."""

    GUARD: ClassVar[str] = USE

    rows: list[CardRow] = []
    stats: list[StatRow] = []
    sees_all: bool = False
    sort: str = "-created_at"
    filters: dict[str, str] = {"status": ""}
    chosen_title: str = ""
    """Of the showcase that the open dialog is about."""
    cancelling: str = ""
    """The showcase whose writing is being stopped."""

    _chosen: str = ""

    @rx.event(background=True, supersedes=True)
    @policy(USE, page_load=True)
    async def load(self) -> None:
        """Read the first page, and the page shown again as showcases change, until the page is left."""
        async with self:
            self._cursors = []
        await self._follow()

    @rx.event
    @policy(USE)
    async def order(self, sort: str) -> None:
        """Show the gallery in another order."""
        self.sort = str(sort)
        await self._restart()

    @rx.event
    @policy(USE)
    async def begin(self) -> None:
        """Open the dialog that has a showcase written."""
        await self._ask_period("generate")

    @rx.event
    @policy(USE)
    async def generate(self, sent: dict[str, Any]) -> AsyncIterator[Next]:
        """Have a showcase written; its card shows how far it is."""
        self.is_saving = True
        yield
        async with self._saving():
            wish = {
                "template": sent.get("template", ""),
                "title": str(sent.get("title", "")).strip() or None,
                "publish": bool(sent.get("publish")),
                **self._period_of(sent),
            }
            await portfolios.generate(await self._actor(), GenerateShowcase.model_validate(wish))
            self.query, self.filters, self.sort = "", {"status": ""}, "-created_at"
            await self._restart()
            yield rx.toast.success("The showcase is being written")

    @rx.event
    @policy(USE)
    async def begin_again(self, portfolio_id: str) -> None:
        """Open the dialog that has a showcase that failed written again."""
        found = next((row for row in self.rows if row["id"] == portfolio_id), None)
        if found is not None:
            self._chosen, self.chosen_title = found["id"], found["title"]
            await self._ask_period("retry")

    @rx.event
    @policy(USE)
    async def cancel(self, portfolio_id: str, run_id: str) -> AsyncIterator[Next]:
        """Ask a run to stop."""
        self.cancelling = str(portfolio_id)
        yield
        try:
            await jobs.cancel_run(await self._actor(), CancelRun(run_id=notices.id_of(run_id)))
            await self._turn()
        except AppError as error:
            yield rx.toast.error(words.sentence(error.message))
        finally:
            self.cancelling = ""

    def _rewritten_id(self) -> UUID:
        return notices.id_of(self._chosen)

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return portfolio_watching.watch_showcases(actor)

    async def _read(self, actor: Actor) -> None:
        self.sees_all = actor.can(SEE_ALL)
        page = await portfolios.list_showcases(actor, self._wanted(ListShowcases))
        self.rows = [showcase_words.card(view, is_owner_named=self.sees_all) for view in page.items]
        self.stats = showcase_words.stats(await portfolios.read_summary(actor, ReadSummary()))
        self._paged(page)
