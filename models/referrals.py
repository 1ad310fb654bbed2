"""Referrals: programmes, the codes that people share, and the conversions that came of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.permissions import PLATFORMS
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

PROGRAM_STATUSES: Final = ("draft", "active", "paused", "archived")
ATTRIBUTION_MODELS: Final = ("last_click", "first_click")
REWARD_KINDS: Final = ("cash", "credit", "points")
REWARD_SIDES: Final = ("single", "double")
CODE_STATUSES: Final = ("active", "disabled")
CONVERSION_STATUSES: Final = ("approved", "pending_review", "rejected", "reversed")
FRAUD_DECISIONS: Final = ("allow", "review", "block")
REWARD_STATUSES: Final = ("none", "held", "payable", "paid", "clawed_back")


class ReferralProgram(TenantModel, table=True):
    """The rules of a programme. One with conversions is archived, never deleted."""

    __tablename__ = "referral_programs"
    __table_args__ = (
        belongs_to_tenant(),
        one_of("platform", PLATFORMS),
        one_of("status", PROGRAM_STATUSES),
        one_of("attribution_model", ATTRIBUTION_MODELS),
        one_of("reward_kind", REWARD_KINDS),
        one_of("reward_sides", REWARD_SIDES),
        currency_code(),
        json_is("tiers", "array"),
        CheckConstraint("attribution_window_days BETWEEN 1 AND 365", name="attribution_window_in_range"),
        CheckConstraint("hold_days BETWEEN 0 AND 365", name="hold_in_range"),
        CheckConstraint("min_payout >= 0 AND (spend_cap IS NULL OR spend_cap >= 0)", name="money_not_negative"),
        CheckConstraint(
            "0 <= review_threshold AND review_threshold <= block_threshold AND block_threshold <= 101",
            name="thresholds_in_order",
        ),
        Index("ix_referral_programs_list", "tenant_id", "created_at", "id"),
        Index(
            "uq_referral_programs_default",
            "tenant_id",
            "platform",
            unique=True,
            postgresql_where=text("is_default"),
        ),
    )

    name: str
    platform: str
    status: str = "draft"
    is_default: bool = False
    """The programme that a request means when it names none."""
    landing_url: str
    attribution_window_days: int = 90
    attribution_model: str = "last_click"
    qualifying_event: str
    """Type of the ledger event that makes a conversion."""
    tiers: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`[{key, name, threshold, reward, referred_reward?}]` by rising threshold on approved conversions."""
    reward_kind: str = "credit"
    reward_sides: str = "single"
    currency: str = Field(default="EUR", sa_type=CURRENCY)
    hold_days: int = 14
    min_payout: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    spend_cap: Decimal | None = Field(default=None, sa_type=AMOUNT)
    is_fraud_checked: bool = True
    review_threshold: int = 40
    """Fraud score from which a person decides."""
    block_threshold: int = 80
    """Fraud score from which the conversion is rejected; 101 never rejects."""
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)
    archived_at: datetime | None = None


class ReferralCode(TenantModel, table=True):
    """A code of one user in one programme; `referral_code_names` keeps it unique over the whole platform."""

    __tablename__ = "referral_codes"
    __table_args__ = (
        belongs_to("referral_programs", "program_id"),
        belongs_to("users", "user_id"),
        UniqueConstraint("tenant_id", "code"),
        one_of("status", CODE_STATUSES),
        CheckConstraint("code = upper(code) AND length(code) BETWEEN 4 AND 32", name="code_is_normal"),
        Index(
            "uq_referral_codes_own",
            "tenant_id",
            "program_id",
            "user_id",
            unique=True,
            postgresql_where=text("NOT is_vanity"),
        ),
        Index("ix_referral_codes_user", "tenant_id", "user_id", "created_at"),
    )

    program_id: UUID
    user_id: UUID
    code: str
    is_vanity: bool = False
    """A word chosen by an administrator; such codes come beside the user's own."""
    channel: str | None = None
    status: str = "active"
    device_hash: str | None = None
    payment_hash: str | None = None
    address: str | None = None
    """Device, payment instrument and network address of the referrer, for the fraud signals."""
    created_at: datetime = Field(default_factory=utc_now)


class ReferralConversion(TenantModel, table=True):
    """A qualifying event that a code brought, the verdict on it and the reward for it."""

    __tablename__ = "referral_conversions"
    __table_args__ = (
        belongs_to("referral_programs", "program_id"),
        belongs_to("referral_codes", "code_id"),
        belongs_to("users", "referrer_user_id"),
        belongs_to("users", "referred_user_id"),
        belongs_to("users", "reviewed_by"),
        UniqueConstraint("tenant_id", "external_id"),
        one_of("status", CONVERSION_STATUSES),
        one_of("fraud_decision", FRAUD_DECISIONS),
        one_of("reward_kind", REWARD_KINDS),
        one_of("reward_status", REWARD_STATUSES),
        currency_code(),
        json_is("fraud_reasons", "array"),
        json_is("fraud_inputs", "object"),
        CheckConstraint("fraud_score BETWEEN 0 AND 100", name="fraud_score_in_range"),
        CheckConstraint("order_value >= 0 AND reward_value >= 0", name="money_not_negative"),
        CheckConstraint("reward_status <> 'held' OR hold_until IS NOT NULL", name="held_has_an_end"),
        CheckConstraint("(reviewed_at IS NULL) = (reviewed_by IS NULL)", name="review_is_signed"),
        CheckConstraint("(status = 'reversed') = (reversed_at IS NOT NULL)", name="reversal_has_a_time"),
        Index("ix_referral_conversions_list", "tenant_id", "created_at", "id"),
        Index("ix_referral_conversions_status", "tenant_id", "status", "created_at"),
        Index("ix_referral_conversions_program", "tenant_id", "program_id", "status", "occurred_at"),
        Index("ix_referral_conversions_referrer", "tenant_id", "referrer_user_id", "status", "occurred_at"),
        Index("ix_referral_conversions_code", "tenant_id", "code_id", "occurred_at"),
        Index("ix_referral_conversions_email", "tenant_id", "referred_email"),
        Index("ix_referral_conversions_device", "tenant_id", "device_hash"),
        Index("ix_referral_conversions_payment", "tenant_id", "payment_hash"),
        Index("ix_referral_conversions_address", "tenant_id", "ip_address", "occurred_at"),
        Index("ix_referral_conversions_email_key", "tenant_id", "email_key", "occurred_at"),
        Index("ix_referral_conversions_email_stem", "tenant_id", "email_stem", "occurred_at"),
        Index("ix_referral_conversions_network", "tenant_id", "network", "occurred_at"),
        Index("ix_referral_conversions_recent", "tenant_id", "referrer_user_id", "occurred_at"),
        Index(
            "ix_referral_conversions_held",
            "tenant_id",
            "hold_until",
            postgresql_where=text("reward_status = 'held'"),
        ),
    )

    external_id: str
    """The sender's own id; a replay of it changes nothing."""
    program_id: UUID
    code_id: UUID
    referrer_user_id: UUID
    referred_user_id: UUID | None = None
    referred_email: str
    """As it was sent, in small letters: one inbox under several spellings is a sign of its own."""
    event_id: UUID | None = None
    """The ledger event. Not a foreign key: the ledger is append-only and never loses it."""
    click_id: str | None = None
    clicked_at: datetime | None = None
    occurred_at: datetime
    order_value: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(sa_type=CURRENCY)
    ip_address: str
    user_agent: str
    device_hash: str | None = None
    payment_hash: str | None = None
    email_key: str | None = None
    """One inbox: the referred address without what its provider ignores."""
    email_stem: str | None = None
    """What a series of made-up addresses has in common: letters of the local part, and the domain."""
    network: str | None = None
    """The /24 or /48 around the address."""
    agent_key: str | None = None
    """Browser and system with their main versions."""
    evidence: int | None = None
    """Score of this conversion's own evidence, without guilt by association."""
    status: str
    fraud_score: Decimal = Field(max_digits=5, decimal_places=2)
    fraud_decision: str
    fraud_reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`[{code, weight, detail}]`."""
    fraud_inputs: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """All that the model saw, so that the decision can be replayed."""
    model_version: str
    reward_tier: str | None = None
    reward_kind: str = "credit"
    reward_value: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    reward_status: str = "none"
    hold_until: datetime | None = None
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = None
    review_note: str | None = None
    reversed_at: datetime | None = None
    created_at: datetime = Field(default_factory=utc_now)
