"""The audit log: who did what, append-only for the application."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import JSON, TenantModel, json_is, one_of

CHANNELS: Final = ("http", "ui", "system")
OUTCOMES: Final = ("ok", "refused", "failed", "unknown")
"""`unknown` is what stands before something is done that no transaction of ours holds, such as a call outside."""

TROUBLE: Final = "outcome IN ('refused', 'failed')"
BEGUN: Final = "outcome = 'unknown'"
"""What its own index holds, since every change in a connected system leaves one: few of them are ever looked for."""


class AuditEntry(TenantModel, table=True):
    """One act. `subject` is what it was done to, as `kind:id`."""

    __tablename__ = "audit_log"
    __table_args__ = (
        one_of("channel", CHANNELS),
        one_of("outcome", OUTCOMES),
        json_is("detail", "object"),
        CheckConstraint("(outcome = 'unknown') = (outcome_id IS NOT NULL)", name="unknown_names_outcome"),
        Index("ix_audit_log_time", "tenant_id", "at", "id"),
        Index("ix_audit_log_actor", "tenant_id", "actor_user_id", "at"),
        Index("ix_audit_log_action", "tenant_id", "action", "at"),
        Index("ix_audit_log_area", "tenant_id", "action", "at", postgresql_ops={"action": "text_pattern_ops"}),
        Index("ix_audit_log_trouble", "tenant_id", "at", "id", postgresql_where=text(TROUBLE)),
        Index("ix_audit_log_begun", "tenant_id", "at", "id", postgresql_where=text(BEGUN)),
    )

    at: datetime = Field(default_factory=utc_now)
    actor_user_id: UUID | None = None
    """Not a foreign key: the actor may be the platform's operator, who stands in another tenant."""
    channel: str
    action: str
    subject: str = ""
    outcome: str = "ok"
    outcome_id: UUID | None = None
    """The entry that is to tell how it ended; while there is none of this id, nobody knows."""
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Never a secret, a token or a password."""
    address: str = ""
    request_id: str = ""
