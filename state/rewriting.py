"""Having a showcase written again, of a period that a dialog asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import reflex as rx

from bizosaas_app.gateway import portfolios
from bizosaas_app.gateway.contracts.portfolios import NewPeriod, RetryShowcase
from state.area import Next
from state.following import FollowingState
from state.form import FormState
from state.periods import PeriodsState


class RewritingState(PeriodsState, FollowingState, FormState, mixin=True):
    """The dialog `retry`. A class that takes it says which showcase is meant, and names its `GUARD`."""

    @rx.event
    async def retry(self, sent: dict[str, Any]) -> AsyncIterator[Next]:
        """Have it written again, of the period that was chosen."""
        self.is_saving = True
        yield
        async with self._saving():
            period = NewPeriod.model_validate(self._period_of(sent))
            command = RetryShowcase(portfolio_id=self._rewritten_id(), period=period)
            await portfolios.retry(await self._actor(), command)
            await self._reread()

    def _rewritten_id(self) -> UUID:
        """Give the showcase that the dialog is about."""
        raise NotImplementedError

    async def _ask_period(self, dialog: str) -> None:
        """Open a dialog that asks for a period."""
        await self._offer_periods(await self._actor())
        self._open_dialog(dialog)
