"""Departures: tenants that leave the platform. Read and changed only through doors."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import BIG, PRIVATE_SCHEMA, Base, one_of

STATES: Final = ("waiting", "erasing", "gone")


class Departure(Base, table=True):
    """One per tenant that was off-boarded; it outlives the tenant, as the proof that everything was deleted."""

    __tablename__ = "departures"
    __table_args__ = (
        one_of("state", STATES),
        CheckConstraint("(state = 'gone') = (finished_at IS NOT NULL)", name="end_has_a_time"),
        CheckConstraint("rows_erased >= 0", name="count_not_negative"),
        {"schema": PRIVATE_SCHEMA},
    )

    tenant_id: UUID = Field(primary_key=True)
    """Not a foreign key: the tenant's row goes as well."""
    slug: str
    asked_in: UUID
    """The operator's tenant, in whose audit log each step stands."""
    asked_by: UUID | None = None
    asked_at: datetime = Field(default_factory=utc_now)
    erase_after: datetime
    state: str = "waiting"
    rows_erased: int = Field(default=0, sa_type=BIG)
    finished_at: datetime | None = None
