"""Users: the people of a tenant."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import TenantModel, belongs_to_tenant, one_of

STATUSES: Final = ("active", "invited", "suspended", "removed")
"""Of somebody `removed` the row keeps its id alone: what they did stays, and says nothing of them."""


class User(TenantModel, table=True):
    """A person. The e-mail is lower case; `login_names` keeps it unique over the whole platform."""

    __tablename__ = "users"
    __table_args__ = (
        belongs_to_tenant(),
        UniqueConstraint("tenant_id", "email"),
        one_of("status", STATUSES),
        CheckConstraint("email = lower(email) AND position('@' in email) > 1", name="email_is_normal"),
        CheckConstraint("status <> 'active' OR password_hash IS NOT NULL", name="active_has_password"),
        Index("ix_users_list", "tenant_id", "created_at", "id"),
    )

    email: str
    name: str
    password_hash: str | None = None
    status: str = "active"
    created_at: datetime = Field(default_factory=utc_now)
    last_login_at: datetime | None = None
    password_changed_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.status == "active"
