"""Referral programmes and the codes that people share."""

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
        CheckConstraint("minimum_order IS NULL OR minimum_order >= 0", name="minimum_order_not_negative"),
        CheckConstraint("points_per_approval >= 0", name="points_not_negative"),
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
    """What is earned in the programme and not clawed back never passes this."""
    minimum_order: Decimal | None = Field(default=None, sa_type=AMOUNT)
    """Order value from which a conversion counts."""
    points_per_approval: Decimal = Field(default=Decimal(100), sa_type=AMOUNT)
    """Value of the ledger's fact for an approved conversion."""
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
    user_agent: str | None = None
    """The owner's browser: with the address, it tells the owner's own clicks."""
    created_at: datetime = Field(default_factory=utc_now)
