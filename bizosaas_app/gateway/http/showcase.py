"""The public pages at the root: `/showcase/{slug}`, its image, its font, and the sitemap."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse, HTMLResponse

from bizosaas_app.gateway import portfolio_sharing, showcase_pages
from bizosaas_app.gateway.contracts.showcase_pages import ListPages, ReadPage
from bizosaas_app.gateway.http import showcase_html, showcase_image
from bizosaas_app.gateway.http.files import PngResponse, XmlResponse
from bizosaas_app.gateway.http.identity import reader_of
from bizosaas_app.gateway.pipeline import Visitor
from bizosaas_app.kernel.errors import NotFound

router = APIRouter(tags=["showcase"])

Reader = Annotated[Visitor, Depends(reader_of)]

_ASSETS: Final = Path(__file__).resolve().parents[3] / "assets"
_AT_ONCE: Final = {"cache-control": "no-cache"}
"""A page that was taken down is gone at the next look."""
_A_MINUTE: Final = {"cache-control": "public, max-age=60"}
_SHOWN_ELSEWHERE: Final = {**_A_MINUTE, "cross-origin-resource-policy": "cross-origin"}
_A_DAY: Final = {"cache-control": "public, max-age=86400"}
_LONGEST_SLUG: Final = 100
_MISSING: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "No such showcase is published", "content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.get("/showcase/inter.woff2", include_in_schema=False)
async def font() -> FileResponse:
    """Give the font of the page; a slug has no dot, so no showcase is hidden by it."""
    return FileResponse(_ASSETS / "fonts" / "inter-latin-wght-normal.woff2", media_type="font/woff2", headers=_A_DAY)


@router.get("/showcase/icon.svg", include_in_schema=False)
async def icon() -> FileResponse:
    """Give our sign, also where the pages of the application are served elsewhere."""
    return FileResponse(_ASSETS / "favicon.svg", media_type="image/svg+xml", headers=_A_DAY)


@router.get("/showcase/{slug}", response_class=HTMLResponse, responses=_MISSING)
async def page(reader: Reader, slug: str, utm_medium: str = "") -> HTMLResponse:
    """The page of a published showcase; 404 for any other."""
    command = ReadPage(slug=slug[:_LONGEST_SLUG], is_shared=utm_medium == portfolio_sharing.MEDIUM)
    try:
        found = await showcase_pages.visit_page(reader, command)
    except NotFound:
        return HTMLResponse(showcase_html.missing(), status_code=404, headers={**_AT_ONCE, **showcase_html.POLICY})
    return HTMLResponse(showcase_html.page(found), headers={**_AT_ONCE, **showcase_html.POLICY})


@router.get("/showcase/{slug}/image.png", response_class=PngResponse)
async def image(reader: Reader, slug: str) -> Response:
    """The picture that a shared link shows."""
    found = await showcase_pages.read_page(reader, ReadPage(slug=slug[:_LONGEST_SLUG]))
    png = await asyncio.to_thread(showcase_image.draw, showcase_image.card_of(found))
    return Response(png, media_type="image/png", headers=_SHOWN_ELSEWHERE)


@router.get("/sitemap.xml", response_class=XmlResponse)
async def sitemap(reader: Reader) -> Response:
    """Every published showcase, for search engines."""
    lines = await showcase_pages.list_pages(reader, ListPages())
    return Response(showcase_html.sitemap(lines), media_type="application/xml", headers=_A_MINUTE)
