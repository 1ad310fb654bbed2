"""Pages at their own addresses: `/login` is answered at once, not sent on to `/login/`.

The build writes each page as a folder's index, and a static server redirects to the folder first: one more round trip
before anything can be shown, half a second on a phone.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send


class PageAddresses:
    """Asks the application for a page's folder when its address comes without the slash."""

    def __init__(self, app: ASGIApp, pages: Iterable[str]) -> None:
        self._app = app
        self._pages = frozenset(pages) - {"/"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request; what is no page of ours passes untouched."""
        if scope["type"] == "http" and scope["path"] in self._pages and scope["method"] in ("GET", "HEAD"):
            path = f"{scope['path']}/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)
