"""Conversions: qualifying events that a code brought, with the verdict on each and the reward for it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import AMOUNT, CURRENCY, JSON, TenantModel, belongs_to, currency_code, json_is, one_of
from models.referral_programs import REWARD_KINDS

CONVERSION_STATUSES: Final = ("approved", "pending_review", "rejected", "reversed")
FRAUD_DECISIONS: Final = ("allow", "review", "block")
REWARD_STATUSES: Final = ("none", "held", "payable", "paid", "clawed_back")


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
        json_is("answer", "object"),
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
        Index(
            "ix_referral_conversions_reviewed",
            "tenant_id",
            "reviewed_at",
            postgresql_where=text("reviewed_at IS NOT NULL"),
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
    """The ledger's fact of it, held or approved. Not a foreign key: the ledger is append-only and never loses it."""
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
    reward_reason: str | None = None
    """Why an approved conversion has no reward."""
    hold_until: datetime | None = None
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = None
    review_note: str | None = None
    reversed_at: datetime | None = None
    content: str
    """Digest of what the sender told, so that a replay is known from another conversion under the same id."""
    answer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What the sender was answered first, and is answered again."""
    created_at: datetime = Field(default_factory=utc_now)
