"""Achievements: their categories and definitions, how far each user has come, and what a person has to look at."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.permissions import PLATFORMS
from models.base import AMOUNT, JSON, TenantModel, TenantScoped, belongs_to, belongs_to_tenant, json_is, one_of

TIERS: Final = ("bronze", "silver", "gold", "platinum")
STATUSES: Final = ("draft", "active", "archived")
REPEATS: Final = ("never", "day", "week", "month")
PROGRESS_STATUSES: Final = ("locked", "in_progress", "provisional", "unlocked", "revoked")
REVIEW_STATUSES: Final = ("open", "confirmed", "revoked")
ONCE: Final = "all"
"""The period of an achievement that does not repeat."""


class AchievementCategory(TenantModel, table=True):
    """A group of achievements, such as onboarding."""

    __tablename__ = "achievement_categories"
    __table_args__ = (belongs_to_tenant(), UniqueConstraint("tenant_id", "key"))

    key: str
    name: str
    description: str = ""
    position: int = 0
    created_at: datetime = Field(default_factory=utc_now)


class Achievement(TenantModel, table=True):
    """A definition: the typed trigger over ledger events, and what its unlock is worth."""

    __tablename__ = "achievements"
    __table_args__ = (
        belongs_to("achievement_categories", "category_id"),
        belongs_to("users", "created_by"),
        UniqueConstraint("tenant_id", "key"),
        one_of("platform", PLATFORMS),
        one_of("tier", TIERS),
        one_of("status", STATUSES),
        one_of("repeats", REPEATS),
        json_is("trigger", "object"),
        json_is("preconditions", "array"),
        json_is("limits", "object"),
        CheckConstraint("points >= 0", name="points_not_negative"),
        CheckConstraint("starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at", name="time_box_in_order"),
        Index("ix_achievements_list", "tenant_id", "status", "created_at", "id"),
    )

    category_id: UUID
    key: str
    name: str
    description: str = ""
    icon: str = ""
    platform: str | None = None
    """None means every platform."""
    trigger: dict[str, Any] = Field(sa_type=JSON)
    points: int = 0
    tier: str = "bronze"
    is_hidden: bool = False
    is_custom: bool = False
    repeats: str = "never"
    """How often it can be unlocked again: never, or once in each day, week or month."""
    preconditions: list[str] = Field(default_factory=list, sa_type=JSON)
    """Keys of the achievements that must be unlocked first."""
    status: str = "draft"
    limits: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})
    """`{max_per_day?, requires_verified?}`: what of a member's events counts towards it."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    version: int = 1
    """Counts the changes of the trigger."""
    created_by: UUID | None = None
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)

    @property
    def is_repeatable(self) -> bool:
        return self.repeats != "never"


class TenantAchievement(TenantModel, table=True):
    """One user's progress towards one achievement in one period; the unlock happens exactly once."""

    __tablename__ = "tenant_achievements"
    __table_args__ = (
        belongs_to("achievements", "achievement_id"),
        belongs_to("users", "user_id"),
        UniqueConstraint("tenant_id", "user_id", "achievement_id", "period"),
        one_of("status", PROGRESS_STATUSES),
        json_is("event_ids", "array"),
        CheckConstraint("progress >= 0 AND target > 0", name="progress_in_range"),
        CheckConstraint("points_awarded >= 0", name="points_not_negative"),
        CheckConstraint("status <> 'unlocked' OR unlocked_at IS NOT NULL", name="unlock_has_a_time"),
        CheckConstraint("status <> 'revoked' OR revoked_at IS NOT NULL", name="revocation_has_a_time"),
        Index("ix_tenant_achievements_user", "tenant_id", "user_id", "status", "unlocked_at"),
        Index("ix_tenant_achievements_rarity", "tenant_id", "achievement_id", "status"),
    )

    achievement_id: UUID
    user_id: UUID
    period: str = ONCE
    """`all`, or the day, ISO week or month in the tenant's time zone, such as `2026-W47`."""
    status: str = "locked"
    generation: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often it was unlocked: one more each time that it is earned again after a revocation."""
    progress: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    target: Decimal = Field(default=Decimal(1), sa_type=AMOUNT)
    points_awarded: int = 0
    event_ids: list[str] = Field(default_factory=list, sa_type=JSON)
    """The ledger events that the unlock came from."""
    unlocked_at: datetime | None = None
    revoked_at: datetime | None = None
    revoke_reason: str | None = None
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)


class AchievementStamp(TenantScoped, table=True):
    """Which state a tenant's definitions are in: a copy of them under another stamp is out of date."""

    __tablename__ = "achievement_stamps"
    __table_args__ = (belongs_to_tenant(),)

    stamp: UUID = Field(default_factory=new_id)


class AchievementReview(TenantModel, table=True):
    """An unlock that looks like manipulation; it is provisional until a person has decided."""

    __tablename__ = "achievement_reviews"
    __table_args__ = (
        belongs_to("achievements", "achievement_id"),
        belongs_to("users", "user_id"),
        belongs_to("users", "decided_by"),
        UniqueConstraint("tenant_id", "achievement_id", "user_id", "period"),
        one_of("status", REVIEW_STATUSES),
        json_is("event_ids", "array"),
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decision_has_a_time"),
        Index("ix_achievement_reviews_list", "tenant_id", "status", "created_at", "id"),
        Index("ix_achievement_reviews_user", "tenant_id", "user_id"),
    )

    achievement_id: UUID
    user_id: UUID
    period: str = ONCE
    code: str
    """What was seen, such as `burst`."""
    detail: str
    event_ids: list[str] = Field(default_factory=list, sa_type=JSON)
    status: str = "open"
    note: str = ""
    created_at: datetime = Field(default_factory=utc_now)
    decided_at: datetime | None = None
    decided_by: UUID | None = None
