"""The whole HTTP API in this process, behind its guard, as a server would run it without the pages."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from bizosaas_app.gateway.http.app import UPLOAD_PREFIXES, build_api
from bizosaas_app.gateway.http.guard import guard
from bizosaas_app.gateway.http.guard_policy import policy_from
from bizosaas_app.kernel.settings import Settings

ADDRESS = "198.51.100.7"


def api_client(
    settings: Settings, *, headers: Mapping[str, str] | None = None, address: str = ADDRESS
) -> httpx.AsyncClient:
    """Give a client of the API at the address that the settings name; it comes from `address`."""
    app = guard(build_api(settings), policy_from(settings, upload_prefixes=UPLOAD_PREFIXES))
    transport = httpx.ASGITransport(app, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=settings.public_url, headers=headers, timeout=60)
