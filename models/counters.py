"""Counters: what a member has done of what achievements ask for, derived from the ledger."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import AMOUNT, TenantScoped, belongs_to, one_of

FOLDS: Final = ("add", "max")
_PERIOD: Final = r"period ~ '^(all|\d{4}-\d{2}|\d{4}-W\d{2}|\d{4}-\d{2}-\d{2})$'"


class AchievementCounter(TenantScoped, table=True):
    """One member's count by one meter in one period; every definition that asks the same reads the same row."""

    __tablename__ = "achievement_counters"
    __table_args__ = (
        belongs_to("users", "user_id"),
        one_of("fold", FOLDS),
        CheckConstraint(_PERIOD, name="period_is_a_window"),
        CheckConstraint("events >= 0", name="events_not_negative"),
    )

    user_id: UUID = Field(primary_key=True)
    meter: UUID = Field(primary_key=True)
    """Hash of what is counted: event, aggregate, field, filters, window, limits and time box."""
    period: str = Field(primary_key=True)
    """`all`, `2026-11`, `2026-W47` or `2026-11-22`, in the tenant's time zone."""
    fold: str = "add"
    value: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    """What is confirmed."""
    pending: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    """That and what is held for a decision, or told by the member alone."""
    events: int = 0
    updated_at: datetime = Field(default_factory=utc_now)


class CounterMember(TenantScoped, table=True):
    """A member of the set that a counter counts: a day, or a value of a field, and how many events name it."""

    __tablename__ = "counter_members"
    __table_args__ = (
        belongs_to("users", "user_id"),
        CheckConstraint("0 <= confirmed AND confirmed <= pending", name="counts_in_order"),
    )

    user_id: UUID = Field(primary_key=True)
    meter: UUID = Field(primary_key=True)
    period: str = Field(primary_key=True)
    member: str = Field(primary_key=True)
    confirmed: int = 0
    pending: int = 0
