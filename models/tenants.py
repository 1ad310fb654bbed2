"""Tenants: the agencies and companies that share the platform, and the operator's own one."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from models.base import CURRENCY, Base, currency_code, one_of

KINDS: Final = ("operator", "customer")
STATUSES: Final = ("active", "suspended")


class Tenant(Base, table=True):
    """A tenant. Its own id is the tenant column that row-level security compares."""

    __tablename__ = "tenants"
    __table_args__ = (
        UniqueConstraint("slug"),
        one_of("kind", KINDS),
        one_of("status", STATUSES),
        currency_code(),
        CheckConstraint("accent ~ '^#[0-9a-f]{6}$'", name="accent_is_hex"),
        CheckConstraint("length(industry) BETWEEN 1 AND 60", name="industry_has_a_length"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 63", name="slug_is_url_safe"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str
    name: str
    kind: str = "customer"
    """The `operator` runs the platform and stands in no list of customers."""
    status: str = "active"
    timezone: str = "UTC"
    """IANA name; the windows of leaderboards begin at midnight there."""
    currency: str = Field(default="EUR", sa_type=CURRENCY)
    industry: str | None = None
    """In the tenant's own words, in small letters; equal words make a group of tenants."""
    shares_standing: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """Whether the tenant takes part in its industry's comparison."""
    accent: str | None = None
    """The brand's colour, `#rrggbb`; the shades that pages use are made of it."""
    created_at: datetime = Field(default_factory=utc_now)

    @property
    def is_active(self) -> bool:
        return self.status == "active"
