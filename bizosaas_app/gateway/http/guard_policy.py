"""What the guard allows: one frozen value, made from the settings by the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bizosaas_app.gateway.http.addresses import Network
from bizosaas_app.kernel.settings import Settings

LOCAL_HOSTS: Final = ("localhost:*", "127.0.0.1:*", "[::1]:*")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardPolicy:
    """The limits of the outermost layer.

    Hosts are `name`, `name:port` or `name:*`; a bare name stands for its default ports. Pages of
    `allowed_origins` may open a socket. Pages may connect to these and to `connect_sources`. `docs_sources`
    are the origins that serve the script and style of the API reference page. A path that starts with one of
    `upload_prefixes` has the upload limits; a `*` in one stands for one part of the path.
    """

    allowed_hosts: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    is_production: bool
    trusted_proxies: tuple[Network, ...] = ()
    connect_sources: tuple[str, ...] = ()
    docs_sources: tuple[str, ...] = ()
    docs_path: str = "/api/docs"
    allowed_methods: tuple[str, ...] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    body_limit_bytes: int = 1024 * 1024
    upload_limit_bytes: int = 20 * 1024 * 1024
    upload_prefixes: tuple[str, ...] = ()
    body_deadline_seconds: float = 15
    upload_deadline_seconds: float = 120
    """20 MiB in 120 s is 1.4 Mbit/s: a slow line, but no attack."""
    target_limit_bytes: int = 8 * 1024
    """RFC 9110 4.1 asks for at least 8000 octets."""
    header_limit_bytes: int = 32 * 1024
    """Names and values together; our cookies need below 9 KiB."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The allowed hosts; development adds the local ones on any port."""
        return self.allowed_hosts if self.is_production else (*self.allowed_hosts, *LOCAL_HOSTS)


def policy_from(
    settings: Settings, *, upload_prefixes: tuple[str, ...] = (), docs_sources: tuple[str, ...] = ()
) -> GuardPolicy:
    """Make the policy that the settings ask for."""
    return GuardPolicy(
        allowed_hosts=(urlsplit(settings.public_url).netloc, *settings.allowed_hosts),
        allowed_origins=settings.origins,
        is_production=settings.is_production,
        trusted_proxies=settings.trusted_proxies,
        docs_sources=docs_sources,
        upload_prefixes=upload_prefixes,
        body_limit_bytes=settings.body_limit_bytes,
        upload_limit_bytes=settings.upload_limit_bytes,
        body_deadline_seconds=settings.body_deadline_seconds,
    )
