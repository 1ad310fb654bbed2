"""The upstreams of this worker: opened with it, closed with it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from bizosaas_app.gateway.upstreams import table
from bizosaas_app.gateway.upstreams.credentials import Credentials
from bizosaas_app.gateway.upstreams.forwarding import Upstream
from bizosaas_app.kernel.secrets import SecretSource
from bizosaas_app.kernel.settings import Settings

_open: Final[dict[str, tuple[Upstream, Credentials]]] = {}


@asynccontextmanager
async def running(settings: Settings, secrets: SecretSource) -> AsyncIterator[None]:
    """Hold what calls to the configured upstreams need for as long as the block lasts."""
    for name in table.UPSTREAMS:
        base = table.find_base(settings, name)
        if base is not None:
            tls = _tls(settings) if base.scheme == "https" else None
            _open[name] = (Upstream(base, settings, tls), Credentials(name, secrets))
    try:
        yield
    finally:
        for upstream, _ in _open.values():
            upstream.close()
        _open.clear()


def get(name: str) -> tuple[Upstream, Credentials]:
    """Give a configured upstream and its credentials; raises `RuntimeError` outside of `running`."""
    if name not in _open:
        raise RuntimeError(f"the upstream {name} has not been opened")
    return _open[name]


def each() -> Iterator[Upstream]:
    """Give every configured upstream."""
    return (upstream for upstream, _ in list(_open.values()))


def _tls(settings: Settings) -> ssl.SSLContext:
    """Give what certificates are checked by: the public authorities, and the operator's own where one is set."""
    context = httpx.create_ssl_context(trust_env=False)
    if settings.upstream_ca_file is not None:
        context.load_verify_locations(cafile=settings.upstream_ca_file)
    return context
