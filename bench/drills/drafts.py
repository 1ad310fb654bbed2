"""People who fill in a wizard, and must find what they last wrote."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections.abc import Sequence
from typing import Any, Final

from bench.scene import Ticket
from bench.wire import Wire, checked

WIZARD: Final = "campaign"
PAUSE_SECONDS: Final = (0.3, 1.0)


class Writer:
    """One person with one draft, who writes another text into it time and again."""

    def __init__(self, port: int, ticket: Ticket, *, tls: ssl.SSLContext | None = None) -> None:
        self.saves = 0
        self.losses: list[str] = []
        """Texts that were acknowledged and then not there."""
        self._wire = Wire(port, ticket.bearer, tls=tls)
        self._draft: dict[str, Any] = {}
        self._written = ""
        self._attempted = ""

    async def write(self) -> None:
        """Write until cancelled."""
        self._draft = json.loads(checked(await self._wire.post(f"/api/v1/wizards/{WIZARD}/draft", {})))
        while True:
            self._attempted = f"Sell what is left of the winter, {self.saves}"
            try:
                await self._save(self._attempted)
            except (OSError, EOFError):
                await self._wire.close()
                await self._look()
            await asyncio.sleep(random.uniform(*PAUSE_SECONDS))

    async def has_lost_nothing(self) -> bool:
        """Say whether the draft holds what was acknowledged last."""
        await self._wire.close()
        await self._look()
        return not self.losses

    async def _save(self, text: str) -> None:
        asked = {"seen": self._draft["version"], "answers": {"goal": text}}
        status, body = await self._wire.patch(self._path, asked)
        if status == 503:
            raise ConnectionError("the edge had nobody to ask")
        self._draft = json.loads(checked((status, body)))
        self._written = text
        self.saves += 1

    async def _look(self) -> None:
        """Read the draft anew: it holds the text written last, or the one that was on its way."""
        while True:
            try:
                status, body = await self._wire.get(self._path)
            except (OSError, EOFError):
                await self._wire.close()
                status = 503
            if status == 200:
                break
            await asyncio.sleep(0.5)
        self._draft = json.loads(body)
        found = next(field["answer"] for field in self._draft["fields"] if field["key"] == "goal") or ""
        if found not in (self._written, self._attempted):
            self.losses.append(self._written)
        self._written = found

    @property
    def _path(self) -> str:
        return f"/api/v1/wizards/drafts/{self._draft['draft_id']}"


async def count_intact(writers: Sequence[Writer]) -> int:
    """Say how many of the drafts are as they were left."""
    return sum([await writer.has_lost_nothing() for writer in writers])
