"""Fraud detection: what is known of referrers' own identities, a tenant's choices, and signals between tenants."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import PRIVATE_SCHEMA, Base, TenantScoped, belongs_to, belongs_to_tenant, one_of

IDENTITY_KINDS: Final = ("device", "payment", "address", "email")
SIGNAL_KINDS: Final = ("device", "payment", "email")
"""What tenants may tell each other about: things of one person, never an address that many share."""
SIGNAL_OUTCOMES: Final = ("suspected", "confirmed", "cleared")


class ReferralIdentity(TenantScoped, table=True):
    """Something that a referrer was seen with: devices and payment instruments as keyed hashes of this tenant."""

    __tablename__ = "referral_identities"
    __table_args__ = (
        belongs_to("users", "user_id"),
        one_of("kind", IDENTITY_KINDS),
        Index("ix_referral_identities_value", "tenant_id", "kind", "value"),
    )

    user_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    first_seen_at: datetime = Field(default_factory=utc_now)
    last_seen_at: datetime = Field(default_factory=utc_now)


class FraudSettings(TenantScoped, table=True):
    """What a tenant chose: its own thresholds (None: each programme's), and whether it shares signals."""

    __tablename__ = "fraud_settings"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "updated_by"),
        CheckConstraint("(review_threshold IS NULL) = (block_threshold IS NULL)", name="thresholds_come_together"),
        CheckConstraint(
            "0 <= review_threshold AND review_threshold <= block_threshold AND block_threshold <= 101",
            name="thresholds_in_order",
        ),
    )

    review_threshold: int | None = None
    block_threshold: int | None = None
    shares_signals: bool = False
    """Opt-in: tells other tenants who opted in, under a key of the platform, and hears from them."""
    updated_at: datetime = Field(default_factory=utc_now)
    updated_by: UUID | None = None


class NetworkSignal(Base, table=True):
    """What one tenant says of a keyed hash. Read only through doors, which answer with counts of tenants."""

    __tablename__ = "network_signals"
    __table_args__ = (
        one_of("kind", SIGNAL_KINDS),
        one_of("outcome", SIGNAL_OUTCOMES),
        Index("ix_network_signals_tenant", "tenant_id"),
        {"schema": PRIVATE_SCHEMA},
    )

    kind: str = Field(primary_key=True)
    hash: str = Field(primary_key=True)
    tenant_id: UUID = Field(primary_key=True)
    outcome: str
    reported_at: datetime = Field(default_factory=utc_now)
