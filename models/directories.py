"""Directories: what must be unique over all tenants, and what leads from it to its tenant.

The application role has no rights here at all; it goes through the door functions of the schema `app`, each
of which answers one narrow question. Foreign keys are checked at commit, so that the name may be claimed
before or after its row is written.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import PRIVATE_SCHEMA, Base


def _follows(table: str, column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{table}.tenant_id", f"{table}.id"],
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )


class LoginName(Base, table=True):
    """An e-mail address and the one user who signs in with it."""

    __tablename__ = "login_names"
    __table_args__ = (
        _follows("users", "user_id"),
        CheckConstraint("email = lower(email)", name="email_is_normal"),
        Index("ix_login_names_user", "tenant_id", "user_id"),
        {"schema": PRIVATE_SCHEMA},
    )

    email: str = Field(primary_key=True)
    tenant_id: UUID
    user_id: UUID


class ReferralCodeName(Base, table=True):
    """A referral code and where it leads."""

    __tablename__ = "referral_code_names"
    __table_args__ = (
        _follows("referral_codes", "code_id"),
        CheckConstraint("code = upper(code)", name="code_is_normal"),
        Index("ix_referral_code_names_code_id", "tenant_id", "code_id"),
        {"schema": PRIVATE_SCHEMA},
    )

    code: str = Field(primary_key=True)
    tenant_id: UUID
    code_id: UUID
    program_id: UUID
    user_id: UUID


class ShowcaseSlug(Base, table=True):
    """The slug of a public showcase page."""

    __tablename__ = "showcase_slugs"
    __table_args__ = (
        _follows("showcase_portfolios", "portfolio_id"),
        Index("ix_showcase_slugs_portfolio", "tenant_id", "portfolio_id"),
        {"schema": PRIVATE_SCHEMA},
    )

    slug: str = Field(primary_key=True)
    tenant_id: UUID
    portfolio_id: UUID


class ContextKey(Base, table=True):
    """A key of the signed tenant context, as the two padded blocks of HMAC-SHA-256 (RFC 2104)."""

    __tablename__ = "context_keys"
    __table_args__ = (
        CheckConstraint("length(inner_pad) = 64 AND length(outer_pad) = 64", name="pads_are_blocks"),
        {"schema": PRIVATE_SCHEMA},
    )

    key_id: str = Field(primary_key=True)
    inner_pad: bytes
    outer_pad: bytes
    created_at: datetime = Field(default_factory=utc_now)
