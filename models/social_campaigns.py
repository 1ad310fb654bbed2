"""Social campaigns: the campaign, its posts, and what clients say to them."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import TEXTS, TenantModel, belongs_to, belongs_to_tenant, one_of

CAMPAIGN_STATES: Final = ("waiting", "changes_asked", "running", "paused", "done", "cancelled")
POST_STATES: Final = ("pending", "running", "done", "failed", "cancelled")
DECISIONS: Final = ("approved", "changes")
MAIL_FAILURES: Final = ("refused", "unclear")


class SocialCampaign(TenantModel, table=True):
    """One campaign; `draft_id` makes its launch happen once."""

    __tablename__ = "social_campaigns"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "created_by"),
        UniqueConstraint("tenant_id", "draft_id"),
        one_of("state", CAMPAIGN_STATES),
        CheckConstraint("gap_minutes BETWEEN 1 AND 1440", name="gap_sensible"),
        CheckConstraint("(state IN ('done', 'cancelled')) = (ended_at IS NOT NULL)", name="end_has_a_time"),
        Index("ix_social_campaigns_list", "tenant_id", "launched_at", "id"),
    )

    draft_id: UUID
    name: str
    goal: str = ""
    state: str = "running"
    """`waiting`: for the client's approval."""
    gap_minutes: int
    """Least time between two posts of one account."""
    created_by: UUID | None = None
    launched_at: datetime
    ended_at: datetime | None = None
    updated_at: datetime = Field(default_factory=utc_now)


class SocialPost(TenantModel, table=True):
    """One post on one account, and how its publishing went. Its `id` is the key that keeps it single outside."""

    __tablename__ = "social_posts"
    __table_args__ = (
        belongs_to("social_campaigns", "campaign_id"),
        belongs_to("social_accounts", "account_id"),
        UniqueConstraint("tenant_id", "campaign_id", "position"),
        one_of("state", POST_STATES),
        CheckConstraint("attempts >= 0 AND position >= 1", name="numbers_sensible"),
        CheckConstraint("(state = 'done') = (published_at IS NOT NULL)", name="done_has_a_time"),
        CheckConstraint("(state = 'running') = (claimed_at IS NOT NULL)", name="running_has_a_claim"),
        CheckConstraint("state <> 'failed' OR failure IS NOT NULL", name="failed_says_why"),
        Index("ix_social_posts_account", "tenant_id", "account_id"),
        Index("ix_social_posts_due", "tenant_id", "next_at", postgresql_where=text("state IN ('pending', 'running')")),
    )

    campaign_id: UUID
    account_id: UUID
    position: int
    """Its place in the campaign, from 1."""
    text: str
    title: str | None = None
    media_url: str | None = None
    hashtags: list[str] = Field(default_factory=list, sa_type=TEXTS)
    """Without their sign."""
    scheduled_at: datetime
    state: str = "pending"
    attempts: int = 0
    next_at: datetime
    """When it is tried next; its time in the calendar until then."""
    claimed_at: datetime | None = None
    unclear_since: datetime | None = None
    """Since when an attempt is without an answer: it may stand on the network already."""
    remote_id: str | None = None
    remote_url: str | None = None
    failure: str | None = None
    published_at: datetime | None = None
    updated_at: datetime = Field(default_factory=utc_now)


class SocialApproval(TenantModel, table=True):
    """A link by which a client reads one campaign and says yes or asks for changes."""

    __tablename__ = "social_approvals"
    __table_args__ = (
        belongs_to("social_campaigns", "campaign_id"),
        belongs_to("users", "created_by"),
        one_of("decision", DECISIONS),
        CheckConstraint("expires_at > created_at", name="expires_after_creation"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decision_has_a_time"),
        CheckConstraint("decision <> 'changes' OR comment <> ''", name="changes_say_which"),
        CheckConstraint("mailed_at IS NULL OR client_email IS NOT NULL", name="mailed_has_an_address"),
        one_of("mail_failure", MAIL_FAILURES),
        Index("ix_social_approvals_campaign", "tenant_id", "campaign_id", "created_at"),
        Index(
            "ix_social_approvals_by_mail",
            "tenant_id",
            "created_at",
            postgresql_where=text("client_email IS NOT NULL"),
        ),
    )

    campaign_id: UUID
    client_name: str
    """Who the link was made for, in the words of whoever made it."""
    client_email: str | None = None
    """Where the link is mailed to; None when our own people hand it over."""
    mailed_at: datetime | None = None
    """When the mailer took the mail."""
    mail_failure: str | None = None
    """Why it is not tried again, if it is not known to have gone."""
    created_by: UUID | None = None
    created_at: datetime = Field(default_factory=utc_now)
    expires_at: datetime
    revoked_at: datetime | None = None
    decision: str | None = None
    comment: str = ""
    decided_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and self.decision is None and now < self.expires_at
