"""What a tenant set up for itself beyond its settings: platforms, goals and logo."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlmodel import Field

from models.base import JSON, TEXTS, TenantScoped, belongs_to, belongs_to_tenant, json_is

BIGGEST_LOGO = 512 * 1024
BYTES: Any = LargeBinary


class TenantProfile(TenantScoped, table=True):
    """One per tenant, written when its onboarding is completed, and anew when it is gone through again."""

    __tablename__ = "tenant_profiles"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "activated_by"),
        UniqueConstraint("tenant_id", "draft_id"),
        json_is("goals", "array"),
        CheckConstraint("(logo IS NULL) = (logo_type IS NULL)", name="logo_has_a_type"),
        CheckConstraint(f"octet_length(logo) BETWEEN 1 AND {BIGGEST_LOGO}", name="logo_in_bounds"),
    )

    draft_id: UUID
    """The onboarding that wrote it."""
    website: str | None = None
    platforms: list[str] = Field(default_factory=list, sa_type=TEXTS)
    goals: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`[{goal, target, by}]`: what is to be reached, how much of it, and until which day."""
    logo: bytes | None = Field(default=None, sa_type=BYTES)
    """PNG, drawn anew from what was uploaded."""
    logo_type: str | None = None
    activated_by: UUID
    activated_at: datetime
