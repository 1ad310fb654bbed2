"""`/api/v1/crm/*`, `/cms/*`, `/ecommerce/*`."""

from __future__ import annotations

from fastapi import APIRouter, Request

from bizosaas_app.gateway import upstream

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def router(name: str) -> APIRouter:
    """Give the router of one upstream's prefix."""
    routes = APIRouter(tags=["upstream"])

    async def forward(request: Request) -> None:
        """Forward to the upstream, or say why it cannot be reached."""
        upstream.refuse(request.app.state.settings, name)

    for path in ("", "/{path:path}"):
        routes.add_api_route(path, forward, methods=METHODS, name=f"forward_{name}", include_in_schema=False)
    return routes
