"""Open pages that come back as a browser does: under the same token, when their socket was closed."""

from __future__ import annotations

import asyncio
import random
import ssl
import uuid
from contextlib import suppress
from typing import Final

from bench.scene import Ticket
from bench.sockets import Tab

PAGE: Final = "/portal"
PAUSES: Final = (0.2, 2.0)
"""Seconds before the next try: what Reflex's own client waits."""


class KeptPage:
    """One tab with the portal in it."""

    def __init__(self, port: int, ticket: Ticket, *, tls: ssl.SSLContext | None = None) -> None:
        self.returns = 0
        self._port = port
        self._ticket = ticket
        self._tls = tls
        self._token = str(uuid.uuid4())
        self._heard = asyncio.Event()
        self._is_open = asyncio.Event()
        self._tab = Tab(self._hear)

    async def keep(self) -> None:
        """Keep the page open until cancelled."""
        await self._open()
        try:
            while True:
                await asyncio.sleep(0.1)
                if self._tab.is_closed:
                    self.returns += 1
                    await self._open()
        finally:
            self._tab.close()

    async def answers(self, *, seconds: float) -> bool:
        """Say whether the page, loaded anew, is told something within so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._is_open.wait()
                self._heard.clear()
                self._tab.go(PAGE)
                await self._heard.wait()
        return self._heard.is_set()

    async def _open(self) -> None:
        self._is_open.clear()
        while True:
            self._tab = Tab(self._hear, token=self._token)
            try:
                origin = f"http{'' if self._tls is None else 's'}://localhost:{self._port}"
                await self._tab.open(self._port, PAGE, cookie=self._ticket.cookie, origin=origin, tls=self._tls)
            except (OSError, TimeoutError):
                self._tab.close()
                await asyncio.sleep(random.uniform(*PAUSES))
            else:
                self._is_open.set()
                return

    def _hear(self, text: bytes, at: float) -> None:
        self._heard.set()
