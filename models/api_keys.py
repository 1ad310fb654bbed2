"""API keys: how a tenant's own systems call us."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import TEXTS, TenantModel, belongs_to, belongs_to_tenant


class ApiKey(TenantModel, table=True):
    """A key, shown once and kept as a hash. `scopes` are permissions."""

    __tablename__ = "api_keys"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "created_by"),
        CheckConstraint("cardinality(scopes) > 0", name="has_a_scope"),
        CheckConstraint("expires_at IS NULL OR expires_at > created_at", name="expires_after_creation"),
        Index("ix_api_keys_list", "tenant_id", "created_at", "id"),
    )

    name: str
    secret_hash: str
    scopes: list[str] = Field(sa_type=TEXTS)
    created_by: UUID | None = None
    created_at: datetime = Field(default_factory=utc_now)
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
