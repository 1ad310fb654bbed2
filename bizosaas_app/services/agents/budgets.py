"""Budgets: what a tenant's agents may use in a day of its time zone. Reserved before it is used, settled afterwards.

A reservation is one statement with the bound in its WHERE, so that no two runs can pass the bound together, however
many there are at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import LimitReached
from bizosaas_app.services import audit
from bizosaas_app.services.tenants import records
from models import AgentBudget, AgentRun, AgentSpending

NOTHING: Final = (0, Decimal(0))

_RESERVE: Final = text("""
INSERT INTO agent_spending AS s (tenant_id, day, tokens, cost_usd)
SELECT b.tenant_id, :day, :tokens, :cost_usd FROM agent_budgets b
WHERE b.tenant_id = :tenant_id
    AND (b.tokens_per_day IS NULL OR :tokens <= b.tokens_per_day)
    AND (b.cost_usd_per_day IS NULL OR :cost_usd <= b.cost_usd_per_day)
ON CONFLICT (tenant_id, day) DO UPDATE
SET tokens = s.tokens + excluded.tokens, cost_usd = s.cost_usd + excluded.cost_usd
WHERE EXISTS (
    SELECT FROM agent_budgets b WHERE b.tenant_id = s.tenant_id
        AND (b.tokens_per_day IS NULL OR s.tokens + excluded.tokens <= b.tokens_per_day)
        AND (b.cost_usd_per_day IS NULL OR s.cost_usd + excluded.cost_usd <= b.cost_usd_per_day)
)
""")
_GIVE_BACK: Final = text("""
UPDATE agent_spending SET tokens = tokens - :tokens, cost_usd = cost_usd - :cost_usd
WHERE tenant_id = :tenant_id AND day = :day
""")
_ENSURE: Final = text("""
INSERT INTO agent_budgets (tenant_id, tokens_per_day, cost_usd_per_day, runs_at_once, changed_at)
VALUES (:tenant_id, :tokens_per_day, :cost_usd_per_day, :runs_at_once, :changed_at)
ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """The budget, what is used of it today (reservations included), and when the day ends."""

    budget: AgentBudget
    tokens: int
    cost_usd: Decimal
    resets_at: datetime


async def read(session: AsyncSession, actor: Actor, *, now: datetime) -> Standing:
    """Give the tenant's budget and today's use of it."""
    budget = await get(session, actor, now=now)
    day, resets_at = await _today(session, actor, now)
    used = (await session.exec(select(AgentSpending).where(AgentSpending.day == day))).one_or_none()
    tokens, cost_usd = (used.tokens, used.cost_usd) if used else NOTHING
    return Standing(budget, tokens, cost_usd, resets_at)


async def get(session: AsyncSession, actor: Actor, *, now: datetime) -> AgentBudget:
    """Give the tenant's budget; one that never set it is given the usual one."""
    usual = AgentBudget(tenant_id=actor.tenant_id, changed_at=now)
    await session.execute(_ENSURE, usual.model_dump(exclude={"changed_by"}))
    return (await session.exec(select(AgentBudget).execution_options(populate_existing=True))).one()


async def change(
    session: AsyncSession,
    actor: Actor,
    *,
    tokens_per_day: int | None,
    cost_usd_per_day: Decimal | None,
    runs_at_once: int,
    now: datetime,
) -> None:
    """Set the budget, in force for every reservation from now on; what is used already stays used."""
    budget = await get(session, actor, now=now)
    budget.tokens_per_day, budget.cost_usd_per_day = tokens_per_day, cost_usd_per_day
    budget.runs_at_once = runs_at_once
    budget.changed_by, budget.changed_at = actor.user_id, now
    session.add(budget)
    await audit.record(
        session,
        actor,
        action="agents.budget_changed",
        detail={
            "tokens_per_day": tokens_per_day,
            "cost_usd_per_day": None if cost_usd_per_day is None else str(cost_usd_per_day),
            "runs_at_once": runs_at_once,
        },
    )


async def reserve(
    session: AsyncSession, actor: Actor, run: AgentRun, *, tokens: int, cost_usd: Decimal, now: datetime
) -> None:
    """Take from the budget for a run whose row is held; raises `LimitReached` (`budget_reached`), and takes nothing.

    What a run has open at midnight stays on the day on which it was begun.
    """
    await get(session, actor, now=now)
    today, resets_at = await _today(session, actor, now)
    day = run.reserved_on if run.reserved_on and has_open(run) else today
    values = {"tenant_id": actor.tenant_id, "day": day, "tokens": tokens, "cost_usd": cost_usd}
    if (await session.execute(_RESERVE, values)).rowcount == 0:  # type: ignore[attr-defined]  # a cursor's result
        raise LimitReached(
            "The budget of your organisation's agents is used up for today",
            resets_in_seconds=(resets_at - now).total_seconds(),
            code="budget_reached",
        )
    run.reserved_tokens += tokens
    run.reserved_cost_usd += cost_usd
    run.reserved_on = day
    session.add(run)


async def settle(
    session: AsyncSession, actor: Actor, run: AgentRun, *, reserved: tuple[int, Decimal], used: tuple[int, Decimal]
) -> None:
    """Give back what a reservation of this held run did not use; more than was reserved counts as well."""
    tokens, cost_usd = min(reserved[0], run.reserved_tokens), min(reserved[1], run.reserved_cost_usd)
    await _give_back(session, actor, run, tokens - used[0], cost_usd - used[1])
    run.reserved_tokens -= tokens
    run.reserved_cost_usd -= cost_usd
    session.add(run)


def close(run: AgentRun) -> None:
    """Count as used what this held run still has open: the provider may have done that call, and charges for it."""
    run.reserved_tokens, run.reserved_cost_usd = NOTHING


def has_open(run: AgentRun) -> bool:
    """Say whether the run has reserved something that is not settled."""
    return run.reserved_tokens > 0 or run.reserved_cost_usd > 0


async def _give_back(session: AsyncSession, actor: Actor, run: AgentRun, tokens: int, cost_usd: Decimal) -> None:
    values = {"tenant_id": actor.tenant_id, "day": run.reserved_on, "tokens": tokens, "cost_usd": cost_usd}
    await session.execute(_GIVE_BACK, values)


async def _today(session: AsyncSession, actor: Actor, now: datetime) -> tuple[date, datetime]:
    """Give the tenant's day and the moment at which the next one begins."""
    zone = ZoneInfo((await records.get_tenant(session, actor.tenant_id)).timezone)
    day = now.astimezone(zone).date()
    return day, datetime.combine(day + timedelta(days=1), time(), zone).astimezone(now.tzinfo)
