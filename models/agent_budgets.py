"""What a tenant's agents may use, and what they have used on each day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Numeric
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import BIG, TenantScoped, belongs_to, belongs_to_tenant

COST: Any = Numeric(20, 8)
"""US dollars: a single token of a cheap model costs some 1e-8."""

USUAL_TOKENS: Final = 2_000_000
USUAL_COST_USD: Final = Decimal(20)
USUAL_RUNS_AT_ONCE: Final = 4


class AgentBudget(TenantScoped, table=True):
    """One per tenant; null is without a bound."""

    __tablename__ = "agent_budgets"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "changed_by"),
        CheckConstraint("tokens_per_day >= 0 AND cost_usd_per_day >= 0", name="bounds_not_negative"),
        CheckConstraint("runs_at_once BETWEEN 1 AND 50", name="runs_at_once_in_range"),
    )

    tokens_per_day: int | None = Field(default=USUAL_TOKENS, sa_type=BIG)
    cost_usd_per_day: Decimal | None = Field(default=USUAL_COST_USD, sa_type=COST)
    runs_at_once: int = USUAL_RUNS_AT_ONCE
    changed_by: UUID | None = None
    changed_at: datetime = Field(default_factory=utc_now)


class AgentSpending(TenantScoped, table=True):
    """What was used or is reserved on one day of the tenant's time zone."""

    __tablename__ = "agent_spending"
    __table_args__ = (
        belongs_to_tenant(),
        CheckConstraint("tokens >= 0 AND cost_usd >= 0", name="sums_not_negative"),
    )

    day: date = Field(primary_key=True)
    tokens: int = Field(default=0, sa_type=BIG)
    cost_usd: Decimal = Field(default=Decimal(0), sa_type=COST)
