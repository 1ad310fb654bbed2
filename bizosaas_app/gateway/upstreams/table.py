"""The connected systems as data: CRM, CMS and shop, each behind one prefix and one URL that the operator has set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bizosaas_app.gateway.upstreams.faults import UpstreamNotConfigured
from bizosaas_app.kernel.settings import Settings

UPSTREAMS: Final[dict[str, str]] = {"crm": "crm_url", "cms": "cms_url", "ecommerce": "ecommerce_url"}
"""Prefix under `/api/v1`, and the setting that holds the upstream's URL."""

API_PREFIX: Final = "/api/v1"
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Base:
    """Where an upstream is. Nothing of a request ever chooses the host or the port."""

    name: str
    scheme: str
    host: str
    port: int
    path: str
    """Without a slash at its end; empty where the upstream is the whole host."""

    @property
    def authority(self) -> str:
        """Host and port as the Host header names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def prefix(self) -> str:
        """The path that stands for the upstream on our side."""
        return f"{API_PREFIX}/{self.name}"


def find_base(settings: Settings, name: str) -> Base | None:
    """Give where the upstream is, None where no URL is set for it. The settings have checked the URL's form."""
    url = getattr(settings, UPSTREAMS[name])
    if url is None:
        return None
    parts = urlsplit(url)
    return Base(name, parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme], parts.path.rstrip("/"))


def check_configured(settings: Settings, name: str) -> None:
    """Pass when a URL is set for this upstream; raises `UpstreamNotConfigured`."""
    setting = UPSTREAMS[name]
    if getattr(settings, setting) is None:
        raise UpstreamNotConfigured(f"Set {setting.upper()} to connect it", retry_after_seconds=3600)
