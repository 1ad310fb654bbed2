"""Social accounts: where a tenant's posts go. The access itself is a secret; the row holds its name only."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import TenantModel, belongs_to, belongs_to_tenant, one_of

NETWORKS: Final = ("x", "linkedin", "instagram", "facebook", "mastodon", "bluesky", "pinterest", "youtube")
STATUSES: Final = ("unchecked", "connected", "failed", "removed")


class SocialAccount(TenantModel, table=True):
    """One account on one network."""

    __tablename__ = "social_accounts"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "created_by"),
        one_of("network", NETWORKS),
        one_of("status", STATUSES),
        CheckConstraint("character_limit > 0", name="character_limit_positive"),
        CheckConstraint("(status = 'removed') = (secret_name IS NULL)", name="removed_keeps_no_secret"),
        Index(
            "uq_social_accounts_handle",
            "tenant_id",
            "network",
            "base_url",
            "handle",
            unique=True,
            postgresql_where=text("status <> 'removed'"),
        ),
    )

    network: str
    handle: str
    """As the network writes it, such as `ada@mastodon.example` or `ada.bsky.social`; without the sign in front."""
    base_url: str
    """Scheme and host of the server that keeps the account."""
    secret_name: str | None
    """Name of the token or app password in the store of secrets."""
    status: str = "unchecked"
    is_sandbox: bool = False
    """Whether the server says that it is a sandbox."""
    character_limit: int | None = None
    """What the server itself takes, where it says so (Mastodon)."""
    failure: str | None = None
    checked_at: datetime | None = None
    created_by: UUID | None = None
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)
