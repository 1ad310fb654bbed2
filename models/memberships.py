"""Memberships: the role, the platforms and the leaderboard privacy of a user in the tenant."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.permissions import PLATFORMS
from models.base import TEXTS, TenantScoped, belongs_to, one_of, subset_of

PRIVACY_MODES: Final = ("public", "pseudonym", "hidden")


class Membership(TenantScoped, table=True):
    """One per user."""

    __tablename__ = "memberships"
    __table_args__ = (
        belongs_to("users", "user_id"),
        ForeignKeyConstraint(["role_key"], ["roles.key"], ondelete="RESTRICT"),
        one_of("leaderboard_privacy", PRIVACY_MODES),
        subset_of("platforms", PLATFORMS),
        CheckConstraint("cardinality(platforms) > 0", name="has_a_platform"),
        Index("ix_memberships_role", "tenant_id", "role_key"),
    )

    user_id: UUID = Field(primary_key=True)
    role_key: str
    platforms: list[str] = Field(sa_type=TEXTS)
    leaderboard_privacy: str = "public"
    created_at: datetime = Field(default_factory=utc_now)
