"""Sign-in sessions: the record behind each refresh-token family."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.permissions import PLATFORMS
from models.base import TenantModel, belongs_to, one_of


class AuthSession(TenantModel, table=True):
    """A device that signed in. No token is kept: `refresh_counter` says which one is the latest."""

    __tablename__ = "auth_sessions"
    __table_args__ = (
        belongs_to("users", "user_id"),
        one_of("platform", PLATFORMS),
        CheckConstraint("refresh_counter >= 0", name="refresh_counter_not_negative"),
        CheckConstraint("expires_at > created_at", name="expires_after_creation"),
        CheckConstraint("revoke_reason IS NULL OR revoked_at IS NOT NULL", name="reason_needs_revocation"),
        Index("ix_auth_sessions_user", "tenant_id", "user_id", "created_at"),
        Index("ix_auth_sessions_live", "tenant_id", "expires_at", postgresql_where=text("revoked_at IS NULL")),
    )

    user_id: UUID
    platform: str
    device_label: str
    device_hash: str | None = None
    """Keyed hash of the device's fingerprint; the grace of the refresh token holds for the same one only."""
    address: str = ""
    user_agent: str = ""
    created_at: datetime = Field(default_factory=utc_now)
    last_seen_at: datetime = Field(default_factory=utc_now)
    expires_at: datetime
    refresh_counter: int = 0
    refresh_rotated_at: datetime | None = None
    revoked_at: datetime | None = None
    revoke_reason: str | None = None

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
