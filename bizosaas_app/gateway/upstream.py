"""The connected systems: CRM, CMS and shop, each behind one prefix and one configured URL."""

from __future__ import annotations

from typing import Final

from bizosaas_app.kernel.errors import Unavailable
from bizosaas_app.kernel.settings import Settings

UPSTREAMS: Final[dict[str, str]] = {"crm": "crm_url", "cms": "cms_url", "ecommerce": "ecommerce_url"}
"""Prefix under `/api/v1`, and the setting that holds the upstream's URL."""


class UpstreamNotConfigured(Unavailable):
    """No URL is set for this upstream."""

    code = "upstream_not_configured"
    title = "This system is not connected yet"


class UpstreamNotServed(Unavailable):
    """A URL is set, but this version does not proxy requests to it."""

    code = "upstream_not_served"
    title = "Requests to this system are not forwarded by this version"


def refuse(settings: Settings, name: str) -> None:
    """Say why a request to this upstream is not forwarded; always raises a 503."""
    setting = UPSTREAMS[name]
    if getattr(settings, setting) is None:
        raise UpstreamNotConfigured(f"Set {setting.upper()} to connect it", retry_after_seconds=3600)
    raise UpstreamNotServed(retry_after_seconds=3600)
