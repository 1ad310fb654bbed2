"""What comes before a conversion: clicks on a code's link, and members who joined by a code."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import TenantModel, TenantScoped, belongs_to


class ReferralClick(TenantModel, table=True):
    """A click on a code's link; its id is the `click_id` that the visitor carries on."""

    __tablename__ = "referral_clicks"
    __table_args__ = (
        belongs_to("referral_programs", "program_id"),
        belongs_to("referral_codes", "code_id"),
        CheckConstraint("repeats >= 0", name="repeats_not_negative"),
        CheckConstraint("NOT (is_counted AND (is_self OR is_bot))", name="only_visitors_count"),
        Index("ix_referral_clicks_visitor", "tenant_id", "code_id", "visitor", "clicked_at"),
        Index("ix_referral_clicks_code", "tenant_id", "code_id", "clicked_at", postgresql_where=text("is_counted")),
        Index("ix_referral_clicks_time", "tenant_id", "clicked_at", postgresql_where=text("is_counted")),
    )

    program_id: UUID
    code_id: UUID
    visitor: str
    """Keyed digest of who clicked: the cookie they carried, else their address and browser."""
    address: str
    user_agent: str
    is_self: bool = False
    """The owner of the code clicked."""
    is_bot: bool = False
    """A crawler or the preview of a messenger clicked."""
    is_counted: bool = True
    repeats: int = 0
    """Further clicks of the same visitor within the hour: they are this one."""
    clicked_at: datetime = Field(default_factory=utc_now)


class ReferralSignUp(TenantScoped, table=True):
    """A member who joined by a code."""

    __tablename__ = "referral_sign_ups"
    __table_args__ = (
        belongs_to("users", "user_id"),
        belongs_to("users", "referrer_user_id"),
        belongs_to("referral_codes", "code_id"),
        Index("ix_referral_sign_ups_referrer", "tenant_id", "referrer_user_id", "created_at"),
    )

    user_id: UUID = Field(primary_key=True)
    code_id: UUID
    referrer_user_id: UUID
    created_at: datetime = Field(default_factory=utc_now)
