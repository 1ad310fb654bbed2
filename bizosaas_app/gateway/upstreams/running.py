"""The upstreams of this worker: opened with it, closed with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

from bizosaas_app.gateway.upstreams import table, trust
from bizosaas_app.gateway.upstreams.credentials import Credentials
from bizosaas_app.gateway.upstreams.forwarding import Upstream
from bizosaas_app.kernel.secrets import SecretSource
from bizosaas_app.kernel.settings import Settings

_open: Final[dict[str, tuple[Upstream, Credentials]]] = {}


@asynccontextmanager
async def running(settings: Settings, secrets: SecretSource) -> AsyncIterator[None]:
    """Hold what calls to the configured upstreams need for as long as the block lasts.

    Raises `trust.AuthorityUnfit`, also where no upstream needs it yet.
    """
    trust.check(settings)
    for name in table.UPSTREAMS:
        base = table.find_base(settings, name)
        if base is not None:
            tls = trust.tls_of(settings) if base.scheme == "https" else None
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
