"""Notifications: what a user should see, read or unread."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import JSON, TenantModel, belongs_to, json_is


class Notification(TenantModel, table=True):
    """One message to one user."""

    __tablename__ = "notifications"
    __table_args__ = (
        belongs_to("users", "user_id"),
        json_is("data", "object"),
        Index("ix_notifications_list", "tenant_id", "user_id", "created_at", "id"),
        Index("ix_notifications_unread", "tenant_id", "user_id", postgresql_where=text("read_at IS NULL")),
    )

    user_id: UUID
    kind: str
    title: str
    body: str = ""
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(default_factory=utc_now)
    read_at: datetime | None = None
