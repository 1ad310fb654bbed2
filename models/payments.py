"""Accounts at payment providers: how far each is set up, what was tried out on it, and the events it has sent.

What signs us in there is in the store of secrets; these tables hold masks of it only.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final
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

PROVIDERS: Final = ("stripe", "paypal", "razorpay")
MODES: Final = ("test", "live")
STATES: Final = ("draft", "verified", "active", "inactive")
WEBHOOK_STATES: Final = ("not_attempted", "registered", "failed")
CHECK_KINDS: Final = ("webhook", "payment", "refund")
CHECK_STATES: Final = ("pending", "running", "waiting", "passed", "failed")
"""`waiting` is for somebody else: a person who has to pay, or a provider who takes its time."""
OPEN: Final = ("pending", "running", "waiting")

_OPEN_ONES: Final = text(f"state IN ({', '.join(repr(state) for state in OPEN)})")


class PaymentAccount(TenantModel, table=True):
    """An account of the tenant's own at a provider."""

    __tablename__ = "payment_accounts"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "created_by"),
        UniqueConstraint("tenant_id", "draft_id"),
        UniqueConstraint("tenant_id", "public_id"),
        one_of("provider", PROVIDERS),
        one_of("mode", MODES),
        one_of("state", STATES),
        one_of("webhook_state", WEBHOOK_STATES),
        currency_code(),
        json_is("hints", "object"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_is_iso_3166"),
        CheckConstraint("public_id ~ '^[A-Za-z0-9_-]{20,}$'", name="public_id_is_url_safe"),
        CheckConstraint(
            "state = 'draft' OR (verified_at IS NOT NULL AND credentials_id IS NOT NULL)",
            name="verified_has_credentials",
        ),
        CheckConstraint(
            "state <> 'active' OR (activated_at IS NOT NULL AND webhook_state = 'registered')",
            name="active_is_registered",
        ),
        CheckConstraint("round >= 1 AND refused_events >= 0", name="counts_not_negative"),
        Index("ix_payment_accounts_list", "tenant_id", "created_at", "id"),
        Index("ix_payment_accounts_public_id", "public_id"),
    )

    draft_id: UUID | None = None
    """The wizard's draft that made it, once."""
    name: str
    provider: str
    country: str
    currency: str = Field(sa_type=CURRENCY)
    mode: str
    state: str = "draft"
    public_id: str
    """Names it in the address to which the provider sends events; cannot be guessed, tells nothing."""
    credentials_id: UUID | None = None
    """Names the credentials of now in the store of secrets."""
    hints: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    """Field -> the credential as it may be shown: its last four characters."""
    identity: str | None = None
    """Whose account it is at the provider, as a digest; None where the provider does not tell."""
    is_sandbox: bool = False
    """Whether a sandbox of ours stood in for the provider."""
    verified_at: datetime | None = None
    """When the provider last took the credentials."""
    round: int = 1
    """Counts anew when the account at the provider is another one: earlier checks say nothing of it."""
    webhook_state: str = "not_attempted"
    webhook_id: str | None = None
    """What the provider calls the registration."""
    webhook_failure: str | None = None
    event_seen_at: datetime | None = None
    """When the last genuine event came."""
    refused_events: int = 0
    """How many events came whose signature was not right."""
    activated_at: datetime | None = None
    deactivated_at: datetime | None = None
    created_by: UUID | None = None
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)


class PaymentCheck(TenantModel, table=True):
    """Something asked of the provider that must happen once: the row with its key is there before the call."""

    __tablename__ = "payment_checks"
    __table_args__ = (
        belongs_to("payment_accounts", "account_id"),
        belongs_to("payment_checks", "payment_id"),
        UniqueConstraint("tenant_id", "key"),
        one_of("kind", CHECK_KINDS),
        one_of("state", CHECK_STATES),
        currency_code(),
        CheckConstraint("amount >= 0 AND attempts >= 0", name="counts_not_negative"),
        CheckConstraint("state NOT IN ('waiting', 'passed') OR reference IS NOT NULL", name="known_there"),
        CheckConstraint("state <> 'failed' OR failure IS NOT NULL", name="failed_has_a_reason"),
        CheckConstraint("state <> 'running' OR claimed_at IS NOT NULL", name="running_is_claimed"),
        CheckConstraint("(kind = 'refund') = (payment_id IS NOT NULL)", name="refund_has_a_payment"),
        Index(
            "uq_payment_checks_open",
            "tenant_id",
            "account_id",
            "kind",
            unique=True,
            postgresql_where=_OPEN_ONES,
        ),
        Index("ix_payment_checks_latest", "tenant_id", "account_id", "kind", "created_at"),
    )

    account_id: UUID
    round: int = 1
    kind: str
    state: str = "pending"
    key: str
    """The idempotency key that the provider is given, the same at each attempt."""
    payment_id: UUID | None = None
    """For a refund: the check whose payment is given back."""
    amount: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    currency: str = Field(sa_type=CURRENCY)
    reference: str | None = None
    """What the provider calls it."""
    action_url: str | None = None
    """Where a person has to go, to pay."""
    failure: str | None = None
    """Why it failed, or why the last attempt did."""
    attempts: int = 0
    claimed_at: datetime | None = None
    next_at: datetime | None = None
    """When it is tried again."""
    created_by: UUID | None = None
    created_at: datetime = Field(default_factory=utc_now)
    finished_at: datetime | None = None


class PaymentEvent(TenantModel, table=True):
    """An event that a provider has sent, with a signature that was right; each is kept once."""

    __tablename__ = "payment_events"
    __table_args__ = (
        belongs_to("payment_accounts", "account_id"),
        UniqueConstraint("tenant_id", "account_id", "provider_event_id"),
        UniqueConstraint("tenant_id", "account_id", "digest"),
        Index("ix_payment_events_list", "tenant_id", "account_id", "received_at"),
    )

    account_id: UUID
    provider_event_id: str
    type: str
    digest: str
    """SHA-256 of the raw body: Razorpay's id of an event stands outside of what it signs."""
    verified: bool = True
    received_at: datetime = Field(default_factory=utc_now)
