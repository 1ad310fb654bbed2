"""Exports: what a person or a tenant takes along, written by a run and kept for some days."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import JSON, TenantScoped, belongs_to, json_is, one_of

SCOPES: Final = ("me", "tenant")
BYTES: Any = LargeBinary


class DataExport(TenantScoped, table=True):
    """An export; how far it is stands in its run."""

    __tablename__ = "data_exports"
    __table_args__ = (
        belongs_to("job_runs", "run_id"),
        belongs_to("users", "user_id"),
        one_of("scope", SCOPES),
        Index("ix_data_exports_list", "tenant_id", "user_id", "created_at"),
    )

    run_id: UUID = Field(primary_key=True)
    user_id: UUID
    """Who asked for it: of the scope `me`, whose data it is."""
    scope: str
    created_at: datetime = Field(default_factory=utc_now)


class ExportPart(TenantScoped, table=True):
    """Some rows of one table as compressed lines of JSON, written in the transaction that read them."""

    __tablename__ = "export_parts"
    __table_args__ = (
        belongs_to("job_runs", "run_id"),
        json_is("after", "array"),
        CheckConstraint("number >= 0 AND rows >= 0", name="counts_not_negative"),
    )

    run_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    source: str
    """The table."""
    after: list[str] = Field(default_factory=list, sa_type=JSON)
    """Key of the last row in it: a run that was broken off goes on behind it."""
    is_last: bool
    """Whether the table ends here."""
    rows: int
    content: bytes = Field(sa_type=BYTES)
