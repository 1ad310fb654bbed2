"""Rollups: what the ledger adds up to by day, kept in the ledger's own transactions and derivable from it again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from bizosaas_app.kernel.permissions import PLATFORMS
from models.base import AMOUNT, TenantScoped, belongs_to, one_of

NOBODY: Final = 64
"""Slot of the events that belong to no member."""


class DailyCount(TenantScoped, table=True):
    """A part of one day's totals on one platform: the sum over the slots is the day.

    A slot holds the members of one of the people's locks, so that transactions which do not wait for each other's
    people do not wait for one row of totals either.
    """

    __tablename__ = "daily_counts"
    __table_args__ = (
        one_of("platform", PLATFORMS),
        CheckConstraint(f"slot BETWEEN 0 AND {NOBODY}", name="slot_in_range"),
    )

    day: dt.date = Field(primary_key=True)
    """In the tenant's time zone, as of the time when it was counted: whoever changes the zone rebuilds."""
    platform: str = Field(primary_key=True)
    slot: int = Field(primary_key=True)
    events: int = 0
    points: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    unlocks: int = 0
    sign_ups: int = 0


class MemberDay(TenantScoped, table=True):
    """What one member did on one day on one platform: distinct participants of any range come from here."""

    __tablename__ = "member_days"
    __table_args__ = (
        belongs_to("users", "user_id"),
        one_of("platform", PLATFORMS),
    )

    day: dt.date = Field(primary_key=True)
    platform: str = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    events: int = 0
    points: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    unlocks: int = 0
