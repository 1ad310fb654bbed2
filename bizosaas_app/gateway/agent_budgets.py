"""Operations on the budget of a tenant's agents."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bizosaas_app.gateway import agent_views
from bizosaas_app.gateway.contracts.agents import BudgetView, ReadBudget, SetBudget
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.agents import budgets, turns

MANAGE: Final = "manage_agents"


@operation("agents.read_budget", permission=MANAGE)
async def read_budget(actor: Actor, command: ReadBudget) -> BudgetView:  # noqa: ARG001  # no parameters
    """Give the budget and what is used of it today."""
    async with unit_of_work(actor) as session:
        return agent_views.budget_view(await budgets.read(session, actor, now=utc_now()))


@operation("agents.set_budget", permission=MANAGE)
async def set_budget(actor: Actor, command: SetBudget) -> BudgetView:
    """Set the budget; more runs at once let waiting ones begin."""
    now, cost = utc_now(), command.cost_usd_per_day
    async with unit_of_work(actor) as session:
        await turns.take(session, actor)
        await budgets.change(
            session,
            actor,
            tokens_per_day=command.tokens_per_day,
            cost_usd_per_day=None if cost is None else Decimal(str(cost)),
            runs_at_once=command.runs_at_once,
            now=now,
        )
        await turns.wake(session, actor, now=now)
        return agent_views.budget_view(await budgets.read(session, actor, now=now))
