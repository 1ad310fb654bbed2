"""The products of the organisation: what they cost and sell for, who offers them, and the files they came from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import ClassVar, Final

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import desk_watching, sourcing, sourcing_imports
from bizosaas_app.gateway.contracts.assortment import ListAssortment
from bizosaas_app.gateway.contracts.publications import PublicationId
from bizosaas_app.gateway.contracts.sourcing import ListOffers
from bizosaas_app.gateway.contracts.sourcing_imports import ExportProducts, ImportId, ListImports
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import notices, product_words, words
from state.area import Next, refusal
from state.following import TABLE_PAUSE_SECONDS, FollowingState
from state.listing import ListingState
from state.policy import policy
from state.product_rows import ImportRow, OfferRow, ProductRow
from state.session import SessionState
from state.tabs import TabsState

MANAGE: Final = sourcing.MANAGE


class ProductDeskState(TabsState, SessionState):
    """The tabs of the page, and the file with everything."""

    GUARD: ClassVar[str] = MANAGE
    TABS: ClassVar[tuple[str, ...]] = ("products", "offers", "imports")

    is_exporting: bool = False

    @rx.event
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Open the tab that the address asks for."""
        self._open_asked_tab()

    @rx.event
    @policy(MANAGE)
    async def export(self) -> AsyncIterator[EventSpec | None]:
        """Give every offer with its product as a file that can be imported again."""
        self.is_exporting = True
        yield None
        try:
            file = await sourcing_imports.export_products(await self._actor(), ExportProducts())
            yield rx.download(data=file.text, filename=file.name)
        except AppError as error:
            yield refusal(error)
        finally:
            self.is_exporting = False


class AssortmentState(FollowingState, ListingState, SessionState):
    """The table of products, kept up to date while they are published."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[ProductRow] = []
    sort: str = "sku"
    filters: dict[str, str] = {"state": ""}

    @rx.event(background=True, supersedes=True)
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the first page, and the shown one again as products are published."""
        async with self:
            self._cursors = []
        await self._follow(TABLE_PAUSE_SECONDS)

    @rx.event
    @policy(MANAGE)
    async def retry(self, publication_id: str) -> EventSpec:
        """Have a failed publication tried again."""
        return await self._attempt(lambda actor: _retry(actor, publication_id))

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return desk_watching.watch_desk(actor, MANAGE)

    async def _read(self, actor: Actor) -> None:
        page = await sourcing.list_assortment(actor, self._wanted(ListAssortment))
        self.rows = [product_words.product_row(line) for line in page.items]
        self._paged(page)


class OffersState(ListingState, SessionState):
    """The table of what suppliers ask."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[OfferRow] = []
    sort: str = "supplier"

    async def _read(self, actor: Actor) -> None:
        page = await sourcing.list_offers(actor, self._wanted(ListOffers))
        self.rows = [product_words.offer_row(view) for view in page.items]
        self._paged(page)


class ImportsState(ListingState, SessionState):
    """The table of the files that were imported."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[ImportRow] = []
    sort: str = "-applied_at"

    @rx.event
    @policy(MANAGE)
    async def undo(self, import_id: str) -> Next:
        """Take an import back; the products and the offers are read again as well."""
        said = await self._attempt(lambda actor: _undo(actor, import_id))
        return [said, AssortmentState.reload, OffersState.reload]

    async def _read(self, actor: Actor) -> None:
        page = await sourcing_imports.list_imports(actor, self._wanted(ListImports))
        self.rows = [product_words.import_row(view) for view in page.items]
        self._paged(page)


async def _retry(actor: Actor, publication_id: str) -> str:
    await sourcing.retry_publication(actor, PublicationId(publication_id=notices.id_of(publication_id)))
    return "It is tried again now."


async def _undo(actor: Actor, import_id: str) -> str:
    done = await sourcing_imports.undo_import(actor, ImportId(import_id=notices.id_of(import_id)))
    back = f"Undone. {words.counted(done.restored, 'entry is', 'entries are')} as before"
    kept = len(done.batch.kept)
    return f"{back}, {words.counted(kept, 'was kept and is', 'were kept and are')} named." if kept else f"{back}."
