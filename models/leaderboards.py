"""Leaderboards: their definitions, and the entries derived from the ledger."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import (
    AMOUNT,
    JSON,
    TEXTS,
    TenantModel,
    TenantScoped,
    belongs_to,
    belongs_to_tenant,
    json_is,
    one_of,
)

SORTS: Final = ("desc", "asc")
TIE_RULES: Final = ("standard", "dense")
OPERATORS: Final = ("incr", "best", "set", "decr")
WINDOWS: Final = ("all", "month", "week", "day")
STATUSES: Final = ("active", "archived")
PERIOD_IS_A_WINDOW: Final = r"period ~ '^(all|s\d{4}-\d{2}-\d{2}T\d{4}|\d{4}-\d{2}|\d{4}-W\d{2}|\d{4}-\d{2}-\d{2})$'"


class Leaderboard(TenantModel, table=True):
    """What is counted, how equal scores rank, and who may see it."""

    __tablename__ = "leaderboards"
    __table_args__ = (
        belongs_to_tenant(),
        UniqueConstraint("tenant_id", "key"),
        one_of("sort", SORTS),
        one_of("tie_rule", TIE_RULES),
        one_of("operator", OPERATORS),
        one_of("default_window", WINDOWS),
        one_of("status", STATUSES),
        json_is("metric", "object"),
        json_is("caps", "object"),
        json_is("prizes", "array"),
        CheckConstraint("key ~ '^[a-z0-9][a-z0-9_-]{0,62}$'", name="key_is_url_safe"),
    )

    key: str
    title: str
    metric: dict[str, Any] = Field(sa_type=JSON)
    """A trigger without a threshold."""
    sort: str = "desc"
    tie_rule: str = "standard"
    operator: str = "incr"
    default_window: str = "all"
    resets: str | None = None
    """Cron line in the tenant's time zone: each such moment begins a new season, which takes the place of all time."""
    caps: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """`{largest_change?, smallest_interval_seconds?}`."""
    prizes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    visibility: list[str] | None = Field(default=None, sa_type=TEXTS)
    """Roles or platforms that may see it; None means every member."""
    status: str = "active"
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)
    """When what is counted was last defined, or counted anew: copies made before are of another board."""


class LeaderboardEntry(TenantScoped, table=True):
    """One user's score on one board in one period, derived from the ledger and rebuilt from it at will."""

    __tablename__ = "leaderboard_entries"
    __table_args__ = (
        # No key leads to the board: each entry would lock the one row of it, and a board is archived, never deleted.
        belongs_to("users", "user_id"),
        CheckConstraint(PERIOD_IS_A_WINDOW, name="period_is_a_window"),
        CheckConstraint("events >= 0", name="events_not_negative"),
        Index(
            "ix_leaderboard_entries_rank",
            "tenant_id",
            "leaderboard_id",
            "period",
            text("score DESC"),
            "reached_at",
            "user_id",
        ),
        Index("ix_leaderboard_entries_user", "tenant_id", "user_id"),
    )

    leaderboard_id: UUID = Field(primary_key=True)
    period: str = Field(primary_key=True)
    """`all`, `2026-11`, `2026-W47`, `2026-11-22` or the season `s2026-11-23T0900`, in the tenant's time zone."""
    user_id: UUID = Field(primary_key=True)
    score: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    reached_at: datetime
    """When the present score was reached: of equal scores the earlier one ranks first."""
    events: int = 0
    updated_at: datetime = Field(default_factory=utc_now)
