"""What a tenant's agents may use in a day, and what they have used of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import reflex as rx
from pydantic import ValidationError
from reflex.event import EventSpec

from bizosaas_app.gateway import agent_budgets
from bizosaas_app.gateway.contracts.agents import BudgetView, ReadBudget, SetBudget
from bizosaas_app.kernel.errors import AppError
from state import agent_words, words
from state.agents import MANAGE
from state.area import AreaState
from state.policy import policy
from state.session import SessionState


class AgentBudgetState(AreaState, SessionState):
    """The budget; an empty bound is none."""

    tokens_used: str = ""
    tokens_of: str = ""
    tokens_percent: int = 0
    cost_used: str = ""
    cost_of: str = ""
    cost_percent: int = 0
    resets_at: str = ""
    tokens_bound: str = ""
    cost_bound: str = ""
    runs_at_once: str = ""
    error: str = ""

    @rx.event
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the budget and what is used of it."""
        async with self._showing():
            self._show(await agent_budgets.read_budget(await self._actor(), ReadBudget()))

    @rx.event
    @policy(MANAGE)
    async def save(self, sent: dict[str, Any]) -> EventSpec | None:
        """Set the bounds, in force at the next model call."""
        self.error = ""
        try:
            self._show(await agent_budgets.set_budget(await self._actor(), SetBudget.model_validate(_wanted(sent))))
        except (ValidationError, ValueError):
            self.error = "Enter numbers: whole tokens, an amount of dollars, and 1 to 50 runs at once."
        except AppError as error:
            self.error = words.sentence(error.message)
        else:
            return rx.toast.success("Budget saved")
        return None

    def _show(self, view: BudgetView) -> None:
        tokens, cost = view.tokens_per_day, view.cost_usd_per_day
        self.tokens_used = words.number(view.tokens_used)
        self.tokens_of = f"of {words.number(tokens)}" if tokens is not None else "no limit"
        self.tokens_percent = _percent(Decimal(view.tokens_used), tokens)
        self.cost_used = agent_words.dollars(view.cost_usd_used)
        self.cost_of = f"of {agent_words.dollars(cost)}" if cost is not None else "no limit"
        self.cost_percent = _percent(Decimal(view.cost_usd_used), cost)
        self.resets_at = words.moment(view.resets_at)
        self.tokens_bound = "" if tokens is None else str(tokens)
        self.cost_bound = "" if cost is None else f"{Decimal(cost).normalize():f}"
        self.runs_at_once = str(view.runs_at_once)
        self._succeed()


def _percent(used: Decimal, bound: int | str | None) -> int:
    if bound is None:
        return 0
    most = Decimal(bound)
    return min(100, round(100 * used / most)) if most else 100


def _wanted(sent: dict[str, Any]) -> dict[str, Any]:
    """Give the bounds that a form means; raises ValueError for what is no number."""
    return {
        "tokens_per_day": _number(sent.get("tokens"), int),
        "cost_usd_per_day": _number(sent.get("cost"), float),
        "runs_at_once": _number(sent.get("runs"), int),
    }


def _number(text: Any, kind: Any) -> Any:
    plain = str(text or "").strip()
    return kind(plain) if plain else None
