"""The connections to one upstream that are kept for the next call."""

from __future__ import annotations

import asyncio
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Final

from bizosaas_app.gateway.upstreams import trust
from bizosaas_app.gateway.upstreams.faults import NotSent
from bizosaas_app.gateway.upstreams.table import UPSTREAMS, Base
from bizosaas_app.gateway.upstreams.wire import READ_BYTES, Wire
from bizosaas_app.kernel import outgoing

IDLE_SECONDS: Final = 30.0
"""Shorter than the minute or more after which most servers leave an idle connection."""
_NAMES_AT_ONCE: Final = 2
"""Look-ups of one upstream's name that go on at once."""


class Pool:
    """Opens connections, and keeps as many idle ones as there may be calls at once."""

    def __init__(self, base: Base, *, most_idle: int, connect_seconds: float, tls: ssl.SSLContext | None) -> None:
        self._base = base
        self._most_idle = most_idle
        self._connect_seconds = connect_seconds
        self._tls = tls
        self._idle: list[tuple[float, Wire]] = []

    async def take(self) -> Wire:
        """Give a connection that is open as far as can be known; raises `NotSent`."""
        while self._idle:
            since, wire = self._idle.pop()
            is_fresh = time.monotonic() - since < IDLE_SECONDS
            try:
                if await wire.wake() and is_fresh:
                    return wire
            except BaseException:
                wire.close()
                raise
            wire.close()
        return await self._open()

    def give_back(self, wire: Wire) -> None:
        """Keep the connection for the next call, or close it where that cannot be."""
        if len(self._idle) < self._most_idle and wire.rest(self._drop):
            self._idle.append((time.monotonic(), wire))
        else:
            wire.close()

    def close(self) -> None:
        """Close what is idle."""
        idle, self._idle = self._idle, []
        for _, wire in idle:
            wire.close()

    def _drop(self, wire: Wire) -> None:
        self._idle = [item for item in self._idle if item[1] is not wire]
        wire.close()

    async def _open(self) -> Wire:
        error: Exception | None = None
        try:
            async with asyncio.timeout(self._connect_seconds):
                threads = _names(self._base.name)
                for address in await outgoing.resolve(self._base.host, self._base.port, threads=threads):
                    try:
                        return await self._connect(address)
                    except OSError as failure:
                        error = failure
        except (OSError, TimeoutError) as failure:
            error = error or failure
        is_timeout = isinstance(error, TimeoutError)
        reason = f"no connection ({trust.reason_of(error)})"
        raise NotSent(reason, is_timeout=is_timeout, is_of_connection=True) from error

    async def _connect(self, address: str) -> Wire:
        name = self._base.host if self._tls is not None else None
        reader, writer = await asyncio.open_connection(
            address, self._base.port, ssl=self._tls, server_hostname=name, limit=READ_BYTES
        )
        return Wire(reader, writer)


@lru_cache(maxsize=len(UPSTREAMS))
def _names(upstream: str) -> ThreadPoolExecutor:
    """Give the threads that look up where this upstream is; a name that hangs elsewhere does not hold it up."""
    return ThreadPoolExecutor(_NAMES_AT_ONCE, thread_name_prefix=f"names-{upstream}")
