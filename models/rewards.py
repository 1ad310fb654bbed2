"""Rewards: an account of entries that are never changed, and the tiers that people moved through."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import AMOUNT, CURRENCY, TenantModel, belongs_to, currency_code, one_of

ENTRY_KINDS: Final = ("earned", "clawback", "payout")


class RewardEntry(TenantModel, table=True):
    """One movement of a member's account in a programme; what is taken back or paid out is a further, negative one."""

    __tablename__ = "reward_entries"
    __table_args__ = (
        belongs_to("referral_programs", "program_id"),
        belongs_to("users", "user_id"),
        belongs_to("referral_conversions", "conversion_id"),
        one_of("kind", ENTRY_KINDS),
        currency_code(),
        CheckConstraint("(kind = 'earned') = (amount > 0) AND amount <> 0", name="amount_has_the_sign_of_its_kind"),
        CheckConstraint("kind = 'payout' OR conversion_id IS NOT NULL", name="movement_names_conversion"),
        Index("ix_reward_entries_account", "tenant_id", "user_id", "program_id", "created_at", "id"),
        Index("ix_reward_entries_program", "tenant_id", "program_id", "kind"),
        Index("ix_reward_entries_conversion", "tenant_id", "conversion_id"),
    )

    program_id: UUID
    user_id: UUID
    conversion_id: UUID | None = None
    kind: str
    amount: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(sa_type=CURRENCY)
    available_at: datetime
    """From when it counts as payable; before that it is held."""
    note: str | None = None
    created_at: datetime = Field(default_factory=utc_now)


class TierMove(TenantModel, table=True):
    """A member's move from one tier of a programme to another, and the conversion that caused it."""

    __tablename__ = "tier_moves"
    __table_args__ = (
        belongs_to("referral_programs", "program_id"),
        belongs_to("users", "user_id"),
        belongs_to("referral_conversions", "conversion_id"),
        CheckConstraint("from_tier IS DISTINCT FROM to_tier", name="tiers_differ"),
        Index("ix_tier_moves_member", "tenant_id", "user_id", "program_id", "moved_at", "id"),
    )

    program_id: UUID
    user_id: UUID
    conversion_id: UUID
    from_tier: str | None = None
    to_tier: str | None = None
    moved_at: datetime = Field(default_factory=utc_now)
