"""Notifications: what a user should see, read or unread, and what they want to be told of."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import JSON, TenantModel, TenantScoped, belongs_to, json_is, one_of

NOTICE_KINDS: Final = ("unlock", "rank_change", "conversion", "reward", "hold", "season", "system", "campaign")

EARLIER_KIND: Final = "security"
"""What the version before gave to notices of ended sessions; its servers still do while they are replaced in turns."""


class Notification(TenantModel, table=True):
    """One message to one user, once by `key` where it has one.

    One that is not `in_app` goes by mail alone: it stands in no list and counts as read.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        belongs_to("users", "user_id"),
        UniqueConstraint("tenant_id", "user_id", "key"),
        one_of("kind", (*NOTICE_KINDS, EARLIER_KIND)),
        json_is("data", "object"),
        Index("ix_notifications_list", "tenant_id", "user_id", "created_at", "id"),
        Index("ix_notifications_unread", "tenant_id", "user_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notifications_mail", "tenant_id", "user_id", postgresql_where=text("mail_due")),
    )

    user_id: UUID
    kind: str
    title: str
    body: str = ""
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    key: str | None = None
    in_app: bool = True
    mail_due: bool = False
    created_at: datetime = Field(default_factory=utc_now)
    read_at: datetime | None = None


class NotificationPreference(TenantScoped, table=True):
    """Where a user wants to be told of one kind; without a row the defaults of the kind hold."""

    __tablename__ = "notification_preferences"
    __table_args__ = (belongs_to("users", "user_id"), one_of("kind", NOTICE_KINDS))

    user_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    in_app: bool
    by_mail: bool
