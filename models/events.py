"""The ledger: every fact that points, ranks, unlocks, rewards and figures are derived from."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import AMOUNT, JSON, TenantScoped, belongs_to, json_is, one_of

SOURCES: Final = ("api", "service")
REVERSAL: Final = "event.reversed"
"""Type of the row that undoes another one."""
PARTITIONS: Final = 8
"""Hash partitions: enough to spread vacuum and indexes, few enough to plan quickly."""


class GamificationEvent(TenantScoped, table=True):
    """A fact, once by `event_id` within its tenant. Rows are never changed; a reversal is a new row."""

    __tablename__ = "gamification_events"
    __table_args__ = (
        belongs_to("users", "user_id"),
        belongs_to("gamification_events", "reverses_event_id", key="event_id"),
        one_of("source", SOURCES),
        json_is("properties", "object"),
        CheckConstraint("length(type) BETWEEN 1 AND 100", name="type_has_a_length"),
        CheckConstraint(f"(type = '{REVERSAL}') = (reverses_event_id IS NOT NULL)", name="reversal_names_event"),
        Index("ix_gamification_events_time", "tenant_id", "occurred_at", "event_id"),
        Index("ix_gamification_events_user", "tenant_id", "user_id", "occurred_at"),
        Index("ix_gamification_events_type", "tenant_id", "type", "occurred_at"),
        Index(
            "uq_gamification_events_reversal",
            "tenant_id",
            "reverses_event_id",
            unique=True,
            postgresql_where=text("reverses_event_id IS NOT NULL"),
        ),
        {"postgresql_partition_by": "HASH (tenant_id)"},
    )

    event_id: UUID = Field(primary_key=True)
    type: str
    user_id: UUID | None = None
    value: Decimal | None = Field(default=None, sa_type=AMOUNT)
    properties: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    occurred_at: datetime
    received_at: datetime = Field(default_factory=utc_now)
    source: str = "service"
    reverses_event_id: UUID | None = None

    @property
    def is_reversal(self) -> bool:
        return self.reverses_event_id is not None
