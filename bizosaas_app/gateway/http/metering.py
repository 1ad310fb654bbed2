"""Counts requests at the edge of the API, and writes a line for each."""

from __future__ import annotations

import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bizosaas_app.gateway import metrics
from bizosaas_app.kernel.log import get_logger

_UNROUTED: Final = "other"
QUIET: Final = frozenset({"/health", "/health/live", "/metrics"})
"""What machines ask every few seconds: it is counted, and not worth a line or a trace."""

_log = get_logger(__name__)


class Metering:
    """Measures every HTTP request by its route's template, never its path: paths are a stranger's words."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            seconds, route, method = time.perf_counter() - started, template(scope), scope["method"]
            metrics.observe_request(method, route, status, seconds)
            if route not in QUIET:
                _log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def template(scope: Scope) -> str:
    """Give the template of the route that served; an included router's route knows only its own part of the path."""
    whole = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(whole, "path_format", None) or getattr(scope.get("route"), "path", _UNROUTED))
