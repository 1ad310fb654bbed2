"""What the page of a showcase shows: read, kept up to date, and drawn anew after each change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import reflex as rx

from bizosaas_app.gateway import portfolios
from bizosaas_app.gateway.contracts.portfolios import ChangeShowcase, ShowcaseChange, ShowcaseId, ShowcaseView
from bizosaas_app.gateway.contracts.showcase_previews import PreviewView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import notices, showcase_sheet, showcase_words, words
from state.area import Next
from state.following import FollowingState
from state.rows import StatRow
from state.showcase_rows import (
    ConsentRow,
    FigureRow,
    LineRow,
    PieceRow,
    SectionRow,
    SeoRow,
    ShownRow,
    SocialRow,
    StepRow,
)

_UNWRITTEN = ("generating", "failed")
UNBOUND = "A number in this text is no figure any more. Change it, then publish."


class ShownState(FollowingState, mixin=True):
    """The showcase `_asked_id`; sections that are being edited keep what was typed whatever is read meanwhile."""

    shown: ShownRow = showcase_sheet.NOTHING
    headlines: list[LineRow] = []
    sections: list[SectionRow] = []
    quote: list[PieceRow] = []
    figures: list[FigureRow] = []
    consents: list[ConsentRow] = []
    stats: list[StatRow] = []
    social: list[SocialRow] = []
    seo: SeoRow = showcase_sheet.NO_SEO
    steps: list[StepRow] = []
    is_busy: bool = False

    _asked_id: str = ""
    _view: ShowcaseView | None = None
    _preview: PreviewView | None = None
    _open: list[str] = []
    _faults: dict[str, str] = {}

    def _begin(self, asked_id: str) -> None:
        """Forget what another address has shown."""
        if asked_id == self._asked_id and asked_id:
            return
        self._asked_id, self.area = asked_id, "loading" if asked_id else "empty"
        self.shown, self._view, self._preview = showcase_sheet.NOTHING, None, None
        self.figures, self._open, self._faults = [], [], {}

    def _command(self) -> ShowcaseId:
        return ShowcaseId(portfolio_id=notices.id_of(self._asked_id))

    async def _read(self, actor: Actor) -> None:
        view = await portfolios.read_showcase(actor, self._command())
        is_written = view.status not in _UNWRITTEN
        self._view = view
        self._preview = await portfolios.preview(actor, self._command()) if is_written else None
        self._draw(view, self._preview, str(actor.user_id))
        self._succeed()

    def _draw(self, view: ShowcaseView, preview: PreviewView | None, user_id: str) -> None:
        self.shown = showcase_sheet.shown(view, preview, user_id=user_id)
        self.steps = showcase_words.steps(view.progress)
        self.figures = showcase_sheet.figures(view.figures)
        self.consents = showcase_sheet.consents(view, self.shown["byline"])
        self.stats = showcase_words.page_stats(view.metrics)
        self.social, self.seo = showcase_sheet.social(view.social), showcase_sheet.seo(view)
        self.headlines = showcase_sheet.lines(preview) if preview else []
        self.quote = showcase_sheet.pieces(preview.quote) if preview else []
        self._draw_sections()

    def _draw_sections(self) -> None:
        if self._view is None or self._preview is None:
            self.sections = []
            return
        self.sections = showcase_sheet.sections(self._view, self._preview, open_keys=self._open, faults=self._faults)

    async def _change(self, change: ShowcaseChange) -> None:
        """Change the showcase and show what came of it."""
        actor = await self._actor()
        await self._send(actor, change)
        await self._read(actor)

    async def _send(self, actor: Actor, change: ShowcaseChange) -> None:
        portfolio_id = self._command().portfolio_id
        await portfolios.change_showcase(actor, ChangeShowcase(portfolio_id=portfolio_id, change=change))

    async def _act(self, work: Callable[[Actor], Awaitable[object]], said: str) -> AsyncIterator[Next]:
        """Do something that needs no form: busy at once, then what came of it, or why not."""
        self.is_busy = True
        yield
        try:
            actor = await self._actor()
            await work(actor)
            await self._read(actor)
            yield rx.toast.success(said)
        except AppError as error:
            self._point_at(error)
            yield rx.toast.error(words.sentence(error.message))
        finally:
            self.is_busy = False

    def _point_at(self, error: AppError) -> None:
        """Open the sections that keep the page from being published."""
        named = [str(key) for key in error.data.get("sections", ())]
        if named:
            self._open = [*self._open, *named]
            self._faults = {**self._faults, **dict.fromkeys(named, UNBOUND)}
            self._draw_sections()
