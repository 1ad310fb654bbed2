"""Job runs: long work that a person has asked for, as they can watch it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import JSON, TenantModel, belongs_to, belongs_to_tenant, json_is, one_of

STATUSES: Final = ("pending", "running", "done", "failed", "cancelled")
ENDED: Final = ("done", "failed", "cancelled")


class JobRun(TenantModel, table=True):
    """One run: how far it is, and how it ended."""

    __tablename__ = "job_runs"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "asked_by"),
        one_of("status", STATUSES),
        json_is("result", "object"),
        CheckConstraint("done >= 0 AND (total IS NULL OR total >= 0)", name="counts_not_negative"),
        CheckConstraint(
            "(status IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", name="end_has_a_time"
        ),
        Index("ix_job_runs_list", "tenant_id", "created_at", "id"),
        Index("ix_job_runs_failed", "tenant_id", "finished_at", "id", postgresql_where=text("status = 'failed'")),
    )

    kind: str
    """Name of the task that does the work."""
    title: str
    status: str = "pending"
    done: int = 0
    total: int | None = None
    """How many steps there are, once that is known."""
    note: str = ""
    """What it is doing now, in words."""
    result: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    failure: str | None = None
    is_cancel_asked: bool = False
    asked_by: UUID | None = None
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)
    finished_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED
