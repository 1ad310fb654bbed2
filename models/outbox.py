"""The outbox: what a committed transaction still owes to Valkey and to open browsers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Identity
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import JSON, TenantScoped, json_is


class OutboxMessage(TenantScoped, table=True):
    """A message, written in the transaction that caused it and deleted once it was delivered.

    `id` grows with each insert, not with each commit: a relay deletes the rows that it read, never all up to
    an id.
    """

    __tablename__ = "outbox"
    __table_args__ = (json_is("payload", "object"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    topic: str
    key: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(default_factory=utc_now)
