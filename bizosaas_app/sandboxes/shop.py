"""A sandbox of the shop: `PUT /products/{sku}` as `gateway/shop.py` asks for it, in memory.

A request under a key that was used before is answered as the first time and has no further effect; with another body
it is refused. `GET /products` lists what the shop holds, `GET /deliveries` each effect that a request has had.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

HEADERS: Final = {"X-Sandbox": "bizosaas"}


@dataclass
class Shop:
    """The shop's shelves; with a `token` it wants to be sent that one."""

    token: str | None = None
    products: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """By tenant and SKU."""
    deliveries: list[tuple[str, str]] = field(default_factory=list)
    """(key, SKU) of each request that had an effect."""
    answers: dict[str, tuple[bytes, int, dict[str, Any]]] = field(default_factory=dict)
    """By key: the body that came with it, and what was answered."""
    failures: deque[int] = field(default_factory=deque)
    """Statuses that the next requests are answered with, before anything is looked at."""
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared, the shop does what it is asked, and answers only when this is set again."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as an ASGI application."""
        await self._app(scope, receive, send)

    def __post_init__(self) -> None:
        self.may_answer.set()
        routes = [
            Route("/products/{sku:path}", self._put, methods=["PUT"]),
            Route("/products", self._list),
            Route("/deliveries", self._list_deliveries),
        ]
        self._app: ASGIApp = Starlette(routes=routes)

    async def _put(self, request: Request) -> JSONResponse:
        body = await request.body()
        if self.failures:
            return _answer(self.failures.popleft(), {"detail": "The shop has a bad day"})
        status, document = self._take(request, body)
        await self.may_answer.wait()
        return _answer(status, document)

    def _take(self, request: Request, body: bytes) -> tuple[int, dict[str, Any]]:
        if self.token is not None and request.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"detail": "The token is missing or wrong"}
        key, tenant = request.headers.get("idempotency-key"), request.headers.get("x-tenant-id")
        if not key or not tenant:
            return 400, {"detail": "Idempotency-Key and X-Tenant-Id are required"}
        if key in self.answers:
            known, status, document = self.answers[key]
            return (status, document) if known == body else (422, {"detail": "This key came with another body"})
        status, document = self._keep(tenant, request.path_params["sku"], body)
        if status < 400:
            self.deliveries.append((key, request.path_params["sku"]))
            self.answers[key] = body, status, document
        return status, document

    def _keep(self, tenant: str, sku: str, body: bytes) -> tuple[int, dict[str, Any]]:
        listing = _listing(body)
        if listing is None or listing.get("sku") != sku or not listing.get("title"):
            return 422, {"detail": "sku and title are required, and a price such as 12.50 with its currency"}
        known = self.products.get((tenant, sku))
        product = {"id": f"shop-{len(self.products) + 1}" if known is None else known["id"], **listing}
        self.products[tenant, sku] = product
        return (201 if known is None else 200), {"id": product["id"]}

    async def _list(self, request: Request) -> JSONResponse:  # noqa: ARG002  # a route takes its request
        return _answer(200, {"items": list(self.products.values())})

    async def _list_deliveries(self, request: Request) -> JSONResponse:  # noqa: ARG002
        return _answer(200, {"items": [{"key": key, "sku": sku} for key, sku in self.deliveries]})


def build() -> Shop:
    """Give an empty shop."""
    return Shop()


def _answer(status: int, document: dict[str, Any]) -> JSONResponse:
    return JSONResponse(document, status_code=status, headers=HEADERS)


def _listing(body: bytes) -> dict[str, Any] | None:
    """Give the listing of a request, or None for what is none."""
    try:
        listing: dict[str, Any] = json.loads(body)
        amount = Decimal(listing["price"]["amount"])
        is_priced = amount.is_finite() and amount >= 0 and len(listing["price"]["currency"]) == 3
    except (ValueError, KeyError, TypeError, InvalidOperation):
        return None
    return listing if is_priced else None
