"""Campaigns: what is told to whom through which channels, and each single send with how it ended."""

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
    CURRENCY,
    JSON,
    TenantModel,
    belongs_to,
    belongs_to_tenant,
    currency_code,
    json_is,
    one_of,
)

CAMPAIGN_STATUSES: Final = ("active", "paused", "completed", "cancelled")
CHANNEL_KINDS: Final = ("email", "webhook", "notice", "console")
SEND_STATUSES: Final = ("pending", "running", "sent", "failed", "skipped", "cancelled")
OPEN_SENDS: Final = ("pending", "running")


class Campaign(TenantModel, table=True):
    """One campaign, launched once by the draft that it was made of."""

    __tablename__ = "campaigns"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "launched_by"),
        UniqueConstraint("tenant_id", "draft_id"),
        one_of("status", CAMPAIGN_STATUSES),
        currency_code(),
        json_is("audience", "object"),
        json_is("schedule", "object"),
        CheckConstraint("budget >= 0", name="budget_not_negative"),
        CheckConstraint("starts_at < ends_at", name="span_in_order"),
        CheckConstraint("(status IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)", name="end_has_a_time"),
        Index("ix_campaigns_list", "tenant_id", "created_at", "id"),
        Index("ix_campaigns_active", "tenant_id", "id", postgresql_where=text("status = 'active'")),
    )

    draft_id: UUID
    name: str
    goal: str = ""
    status: str = "active"
    audience: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Whom it is for, as `services/campaigns/audiences.py` reads it."""
    schedule: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """At which hours it goes out and how often to one person, as `services/campaigns/schedules.py` reads it."""
    budget: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    currency: str = Field(sa_type=CURRENCY)
    starts_at: datetime
    ends_at: datetime
    """What has not gone out by then does not go."""
    launched_by: UUID | None = None
    """None when an API key launched it."""
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)
    ended_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        return self.ended_at is not None


class CampaignChannel(TenantModel, table=True):
    """What goes through one channel of a campaign, and its share of the budget."""

    __tablename__ = "campaign_channels"
    __table_args__ = (
        belongs_to("campaigns", "campaign_id"),
        UniqueConstraint("tenant_id", "campaign_id", "kind"),
        one_of("kind", CHANNEL_KINDS),
        json_is("content", "object"),
        CheckConstraint("budget >= 0", name="budget_not_negative"),
    )

    campaign_id: UUID
    kind: str
    budget: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What is said, with its placeholders, as `services/campaigns/contents.py` reads it."""


class CampaignSend(TenantModel, table=True):
    """One message to one member through one channel. It holds no address: the member's of the moment counts."""

    __tablename__ = "campaign_sends"
    __table_args__ = (
        belongs_to("campaigns", "campaign_id"),
        belongs_to("campaign_channels", "channel_id"),
        belongs_to("users", "user_id"),
        UniqueConstraint("tenant_id", "channel_id", "user_id"),
        one_of("status", SEND_STATUSES),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        CheckConstraint("(status = 'running') = (claimed_at IS NOT NULL)", name="claim_has_a_time"),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="delivery_has_a_time"),
        CheckConstraint("status NOT IN ('failed', 'skipped') OR reason IS NOT NULL", name="no_delivery_has_a_reason"),
        Index(
            "ix_campaign_sends_due",
            "tenant_id",
            "campaign_id",
            "due_at",
            "id",
            postgresql_where=text("status = 'pending'"),
        ),
        Index("ix_campaign_sends_running", "tenant_id", "claimed_at", postgresql_where=text("status = 'running'")),
        Index("ix_campaign_sends_list", "tenant_id", "campaign_id", "status", "id"),
        Index("ix_campaign_sends_person", "tenant_id", "user_id", "due_at"),
    )

    campaign_id: UUID
    channel_id: UUID
    user_id: UUID
    status: str = "pending"
    due_at: datetime
    """When it is to go, the next time if it has failed."""
    attempts: int = 0
    reason: str | None = None
    """Code of why it was left out, or of why the latest try failed."""
    detail: str = ""
    """The same in words for people."""
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    clicked_at: datetime | None = None
    """When a link in it was followed for the first time."""
    created_at: datetime = Field(default_factory=utc_now)
