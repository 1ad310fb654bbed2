"""The tenant's use of the HTTP API within the last hour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import reflex as rx

from bizosaas_app.gateway import tenants
from bizosaas_app.gateway.contracts.tenants import ReadUsage, UsageView
from state import words
from state.area import AreaState
from state.policy import policy
from state.session import SessionState

MANAGE: Final = "manage_settings"


class UsageState(AreaState, SessionState):
    """How much of the hourly quota is used."""

    used: str = ""
    limit: str = ""
    remaining: str = ""
    percent: int = 0
    next_free_at: str = ""
    all_free_at: str = ""
    as_of: str = ""
    is_reading: bool = False

    @rx.event
    @policy(MANAGE)
    async def load(self) -> None:
        """Read the use."""
        await self._read()

    @rx.event
    @policy(MANAGE)
    async def refresh(self) -> AsyncIterator[None]:
        """Read it again."""
        self.is_reading = True
        yield
        await self._read()
        self.is_reading = False

    async def _read(self) -> None:
        async with self._showing():
            self._show(await tenants.read_usage(await self._actor(), ReadUsage()))

    def _show(self, view: UsageView) -> None:
        self.used, self.limit = words.number(view.used), words.number(view.limit)
        self.remaining = words.number(view.remaining)
        self.percent = min(100, round(100 * view.used / view.limit)) if view.limit else 100
        self.next_free_at = words.moment(view.next_free_at) if view.next_free_at else ""
        self.all_free_at = words.moment(view.all_free_at) if view.all_free_at else ""
        self.as_of = words.moment(view.as_of)
        self._succeed()
