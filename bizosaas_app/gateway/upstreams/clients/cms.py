"""The CMS's pages, by version 2 of Wagtail's API; `CMS_URL` is the site's root, with the API at `/api/v2/` below it."""

from __future__ import annotations

from typing import Final

from bizosaas_app.gateway.contracts.base import CountedPage, Moment
from bizosaas_app.gateway.contracts.systems import CmsPage, ListPages
from bizosaas_app.gateway.upstreams.clients.asking import Told, cursor_after, get, offset_of
from bizosaas_app.kernel.actor import Actor

UPSTREAM: Final = "cms"


class _PageMeta(Told):
    type: str
    slug: str | None = None
    html_url: str | None = None
    first_published_at: Moment | None = None


class _Page(Told):
    id: int
    title: str
    meta: _PageMeta

    def view(self) -> CmsPage:
        """Give it as we show it: an address only when it is one of the web."""
        url = self.meta.html_url or ""
        return CmsPage(
            id=self.id,
            title=self.title,
            kind=self.meta.type,
            slug=self.meta.slug,
            url=url if url.startswith(("http://", "https://")) else None,
            published_at=self.meta.first_published_at,
        )


class _ListMeta(Told):
    total_count: int


class _Pages(Told):
    meta: _ListMeta
    items: list[_Page]


async def pages(actor: Actor, asked: ListPages) -> CountedPage[CmsPage]:
    """Give a page of the list of published pages; raises `InputInvalid`, `Unavailable` or `UpstreamFailed`."""
    offset = offset_of(asked.cursor)
    parameters: dict[str, str | int] = {"limit": asked.limit, "offset": offset, "order": "id"}
    told = await get(actor, UPSTREAM, "/api/v2/pages/", parameters, _Pages)
    total = told.meta.total_count
    found = [item.view() for item in told.items]
    return CountedPage[CmsPage](items=found, next_cursor=cursor_after(offset, len(found), total), total=total)
