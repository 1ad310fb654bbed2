"""HEAD is GET without the body (RFC 9110 section 9.3.2); the framework serves it only where a route says so."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """Serves HEAD by the route of GET and keeps the body back; `state["is_head"]` tells the route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request; what is not HEAD passes untouched."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["is_head"] = True
        # Without extensions no server sends a file by itself, past `send`.
        as_get = {**scope, "method": "GET", "extensions": {}}

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app(as_get, receive, send_head)
