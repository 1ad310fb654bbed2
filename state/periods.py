"""Choosing a period: one by name, or days of one's own. Part of a dialog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import reflex as rx

from bizosaas_app.gateway import portfolios
from bizosaas_app.gateway.contracts.portfolios import ListPeriods
from bizosaas_app.kernel.actor import Actor
from state import showcase_words
from state.guarded import Guarded
from state.showcase_rows import PeriodRow

OWN: Final = "own"
"""The choice of days of one's own."""


class PeriodsState(Guarded, mixin=True):
    """The periods to choose from, and the one that is chosen. A class that takes it names its `GUARD`."""

    periods: list[PeriodRow] = []
    preset: str = ""
    first_day: str = ""
    last_day: str = ""
    """What the date fields begin with."""

    @rx.event
    def choose_period(self, key: str) -> None:
        """Choose a period by name, or open the fields for days of one's own."""
        self.preset = str(key)

    async def _offer_periods(self, actor: Actor, *, days: tuple[str, str] | None = None) -> None:
        """Read the periods; `days` are chosen where they are given, else the most usual period."""
        found = await portfolios.list_periods(actor, ListPeriods())
        self.periods = [showcase_words.period_row(item) for item in found]
        self.preset = OWN if days else self.periods[0]["key"]
        self.first_day, self.last_day = days or (self.periods[0]["begins"], self.periods[0]["ends"])

    def _period_of(self, sent: Mapping[str, Any]) -> dict[str, str]:
        """Give the chosen days as a command takes them: what was typed, or those of the name."""
        named = next((row for row in self.periods if row["key"] == self.preset), None)
        if named is not None:
            return {"from": named["begins"], "to": named["ends"]}
        return {"from": str(sent.get("from", "")), "to": str(sent.get("to", ""))}
