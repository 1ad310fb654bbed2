"""Runs of agents, the tool calls they made, and the changes they propose."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.agent_budgets import COST
from models.base import BIG, JSON, TenantModel, TenantScoped, belongs_to, belongs_to_tenant, json_is, one_of

RUN_STATUSES: Final = ("queued", "running", "succeeded", "failed", "cancelled")
RUN_ENDED: Final = ("succeeded", "failed", "cancelled")
PROPOSAL_STATUSES: Final = ("pending", "rejected", "executing", "executed", "failed", "expired")


class AgentRun(TenantModel, table=True):
    """One run of an agent, for the member or the API key that asked for it."""

    __tablename__ = "agent_runs"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "asked_by"),
        belongs_to("api_keys", "api_key_id"),
        one_of("status", RUN_STATUSES),
        json_is("input", "object"),
        json_is("output", "object"),
        json_is("usage", "object"),
        CheckConstraint("num_nonnulls(asked_by, api_key_id) <= 1", name="one_asker"),
        CheckConstraint(
            "(status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", name="end_has_a_time"
        ),
        CheckConstraint("(status = 'failed') = (error_code IS NOT NULL)", name="failure_has_a_code"),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        CheckConstraint(
            "reserved_tokens >= 0 AND reserved_cost_usd >= 0"
            " AND (reserved_on IS NOT NULL OR (reserved_tokens = 0 AND reserved_cost_usd = 0))",
            name="reservation_has_a_day",
        ),
        Index("ix_agent_runs_list", "tenant_id", "created_at", "id"),
        Index(
            "ix_agent_runs_open",
            "tenant_id",
            "status",
            "created_at",
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
    )

    agent_id: str
    status: str = "queued"
    note: str = ""
    """What it is doing now, in words."""
    input: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    output: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    engine: str | None = None
    """Who chose the words; null until the run has ended."""
    usage: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    error_code: str | None = None
    error_message: str | None = None
    is_cancel_asked: bool = False
    asked_by: UUID | None = None
    api_key_id: UUID | None = None
    platform: str
    """The platform that the asker was on: some of what a tool reads depends on it."""
    trace_id: str = ""
    """Id of the request that asked for the run."""
    is_inside: bool = False
    """Whether it is a part of other work: whoever does that does the run too, and no job stands for it."""
    tries: int = 0
    """How often it was begun. What an earlier try still writes is refused."""
    reserved_tokens: int = Field(default=0, sa_type=BIG)
    reserved_cost_usd: Decimal = Field(default=Decimal(0), sa_type=COST)
    reserved_on: date | None = None
    """The day on which the open reservation was charged; given back if the run breaks off."""
    created_at: datetime = Field(default_factory=utc_now)
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        return self.status in RUN_ENDED


class AgentToolCall(TenantScoped, table=True):
    """A tool call of a run, as it was made: the record of what the output rests on."""

    __tablename__ = "agent_tool_calls"
    __table_args__ = (
        belongs_to("agent_runs", "run_id"),
        one_of("by", ("model", "runtime")),
        json_is("arguments", "object"),
        json_is("result", "object"),
        CheckConstraint("milliseconds >= 0", name="time_not_negative"),
    )

    run_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    error: str | None = None
    by: str
    milliseconds: int = 0
    created_at: datetime = Field(default_factory=utc_now)


class AgentProposal(TenantModel, table=True):
    """A change that an agent proposes: decided once by a person, and carried out with that person's rights."""

    __tablename__ = "agent_proposals"
    __table_args__ = (
        belongs_to("agent_runs", "run_id"),
        belongs_to("users", "decided_by"),
        one_of("status", PROPOSAL_STATUSES),
        json_is("arguments", "object"),
        json_is("result", "object"),
        CheckConstraint(
            "status NOT IN ('rejected', 'executing', 'executed') OR decided_at IS NOT NULL", name="decision_has_a_time"
        ),
        CheckConstraint("expires_at > created_at", name="expires_after_creation"),
        Index("ix_agent_proposals_list", "tenant_id", "created_at", "id"),
        Index("ix_agent_proposals_run", "tenant_id", "run_id"),
        Index(
            "ix_agent_proposals_open",
            "tenant_id",
            "status",
            postgresql_where=text("status IN ('pending', 'executing')"),
        ),
    )

    run_id: UUID
    agent_id: str
    action: str
    title: str
    arguments: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    status: str = "pending"
    note: str = ""
    """What the person who decided wrote for the record."""
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    failure: str | None = None
    created_at: datetime = Field(default_factory=utc_now)
    expires_at: datetime
    decided_at: datetime | None = None
    decided_by: UUID | None = None
