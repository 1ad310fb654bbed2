"""The shop: a port with two ends, the connected e-commerce system and (without one) our own catalogue.

The shop's contract, all of it: `PUT {ECOMMERCE_URL}/products/{sku}` with the listing as JSON, `Idempotency-Key` and
`X-Tenant-Id`, answered by 200 or 201 and `{"id": ...}`. 408, 429 and 5xx are tried again; any other answer is final.
The catalogue's end is a table (`services/sourcing/deliveries.py`), written in one transaction with the delivery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import quote
from uuid import UUID

import httpx

from bizosaas_app.kernel.errors import Conflict, UpstreamFailed
from bizosaas_app.kernel.secrets import SecretSource
from bizosaas_app.kernel.settings import Settings

TOKEN: Final = "ecommerce/token"  # noqa: S105  # the name of a secret
"""The secret that the shop knows us by; without one, requests carry no credentials."""
TIMEOUT_SECONDS: Final = 15.0
ANSWER_BYTES: Final = 64 * 1024
_AGAIN: Final = frozenset({408, 425, 429})


class ShopFailed(UpstreamFailed):
    """The shop did not answer as it should; the same request may be sent again."""

    code = "shop_failed"
    title = "The shop did not answer"


class ShopRefused(Conflict):
    """The shop does not want this product as it is: the same request would be refused again."""

    code = "shop_refused"
    title = "The shop refused this product"


@dataclass(frozen=True, slots=True)
class Offered:
    """A product as it is handed to the shop. A repetition under the same `key` has no further effect there."""

    tenant_id: UUID
    key: UUID
    sku: str
    listing: Mapping[str, Any] = field(default_factory=dict)


class Shop(Protocol):
    """What products are published in."""

    async def publish(self, offered: Offered) -> str:
        """Put the product into the shop and give its id there; raises `ShopFailed` or `ShopRefused`."""
        ...


class HttpShop:
    """The shop at a URL that the operator has set."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def publish(self, offered: Offered) -> str:
        """Put the product into the shop and give its id there; raises `ShopFailed` or `ShopRefused`."""
        headers = self._headers | {"Idempotency-Key": str(offered.key), "X-Tenant-Id": str(offered.tenant_id)}
        url = f"{self._url}/products/{quote(offered.sku, safe='')}"
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client,
                client.stream("PUT", url, json=dict(offered.listing), headers=headers) as answer,
            ):
                return _id_of(answer.status_code, await _read(answer))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ShopFailed(f"The shop cannot be reached ({type(error).__name__})") from error


async def find(settings: Settings, secrets: SecretSource) -> Shop | None:
    """Give the connected shop, or None where none is: then our own catalogue stands in for it."""
    if settings.ecommerce_url is None:
        return None
    return HttpShop(settings.ecommerce_url, await secrets.get(TOKEN))


async def _read(answer: httpx.Response) -> bytes:
    read = b""
    async for chunk in answer.aiter_bytes():
        read += chunk
        if len(read) > ANSWER_BYTES:
            raise ShopFailed("The shop's answer is too long")
    return read


def _id_of(status: int, body: bytes) -> str:
    document = _document(body)
    if status in _AGAIN or status >= 500:
        raise ShopFailed(f"The shop answered {status}{_said(document)}")
    if status not in (200, 201):
        raise ShopRefused(f"The shop refused it with {status}{_said(document)}")
    known = document.get("id")
    if not isinstance(known, (str, int)) or not 0 < len(str(known)) <= 200:
        raise ShopFailed("The shop's answer does not say under which id it holds the product")
    return str(known)


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = httpx.Response(200, content=body).json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _said(document: Mapping[str, Any]) -> str:
    """Give the shop's own words, one line of them."""
    words = document.get("detail") or document.get("message") or document.get("error")
    if not isinstance(words, str):
        return ""
    return ": " + "".join(sign if sign.isprintable() else " " for sign in words[:300])
