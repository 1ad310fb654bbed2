"""Account tokens: invitations and password resets, single use."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.permissions import PLATFORMS
from models.base import TEXTS, TenantModel, belongs_to, belongs_to_tenant, one_of, subset_of

PURPOSES: Final = ("invite", "reset")


class AccountToken(TenantModel, table=True):
    """A mailed token, kept as a hash. An invite names the role and platforms to give, a reset its user."""

    __tablename__ = "account_tokens"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "user_id"),
        ForeignKeyConstraint(["role_key"], ["roles.key"], ondelete="RESTRICT"),
        one_of("purpose", PURPOSES),
        subset_of("platforms", PLATFORMS),
        CheckConstraint("purpose <> 'invite' OR role_key IS NOT NULL", name="invite_names_role"),
        CheckConstraint("purpose <> 'reset' OR user_id IS NOT NULL", name="reset_names_user"),
        CheckConstraint("expires_at > created_at", name="expires_after_creation"),
        Index("ix_account_tokens_email", "tenant_id", "email", "purpose", "created_at"),
    )

    purpose: str
    email: str
    user_id: UUID | None = None
    role_key: str | None = None
    platforms: list[str] | None = Field(default=None, sa_type=TEXTS)
    invited_by: UUID | None = None
    """Not a foreign key: the platform's operator, who stands in another tenant, may invite too."""
    created_at: datetime = Field(default_factory=utc_now)
    expires_at: datetime
    used_at: datetime | None = None

    def is_usable(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at
