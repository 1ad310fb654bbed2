"""Agents: their runs with the tool calls, what they propose, and what they may use.

Revision 0018, after 0017.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TABLES = ("agent_budgets", "agent_spending", "agent_runs", "agent_tool_calls", "agent_proposals")
_COST = sa.Numeric(20, 8)


def upgrade() -> None:
    _create_budgets()
    _create_spending()
    _create_runs()
    _create_tool_calls()
    _create_proposals()
    for table in _TABLES:
        for statement in rls.protect(table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_budgets() -> None:
    table = "agent_budgets"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("tokens_per_day", sa.BigInteger(), nullable=True),
        sa.Column("cost_usd_per_day", _COST, nullable=True),
        sa.Column("runs_at_once", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _check(table, "bounds_not_negative", "tokens_per_day >= 0 AND cost_usd_per_day >= 0"),
        _check(table, "runs_at_once_in_range", "runs_at_once BETWEEN 1 AND 50"),
        _tenant(table),
        _reference(table, "changed_by", "users"),
        sa.PrimaryKeyConstraint("tenant_id", name=f"pk_{table}"),
    )


def _create_spending() -> None:
    table = "agent_spending"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_usd", _COST, nullable=False),
        _check(table, "sums_not_negative", "tokens >= 0 AND cost_usd >= 0"),
        _tenant(table),
        sa.PrimaryKeyConstraint("tenant_id", "day", name=f"pk_{table}"),
    )


def _create_runs() -> None:
    table = "agent_runs"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        _json("input", nullable=False),
        _json("output"),
        sa.Column("engine", sa.String(), nullable=True),
        _json("usage", nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("is_cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("api_key_id", sa.Uuid(), nullable=True),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("is_inside", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reserved_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reserved_cost_usd", _COST, nullable=False),
        sa.Column("reserved_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        _one_of(table, "status", "queued", "running", "succeeded", "failed", "cancelled"),
        _object(table, "input"),
        _object(table, "output"),
        _object(table, "usage"),
        _check(table, "one_asker", "num_nonnulls(asked_by, api_key_id) <= 1"),
        _check(
            table,
            "end_has_a_time",
            "(status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
        ),
        _check(table, "failure_has_a_code", "(status = 'failed') = (error_code IS NOT NULL)"),
        _check(table, "tries_not_negative", "tries >= 0"),
        _check(
            table,
            "reservation_has_a_day",
            "reserved_tokens >= 0 AND reserved_cost_usd >= 0"
            " AND (reserved_on IS NOT NULL OR (reserved_tokens = 0 AND reserved_cost_usd = 0))",
        ),
        _tenant(table),
        _reference(table, "asked_by", "users"),
        _reference(table, "api_key_id", "api_keys"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}"),
    )
    op.create_index("ix_agent_runs_list", table, ["tenant_id", "created_at", "id"])
    op.create_index(
        "ix_agent_runs_open",
        table,
        ["tenant_id", "status", "created_at"],
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )


def _create_tool_calls() -> None:
    table = "agent_tool_calls"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tool", sa.String(), nullable=False),
        _json("arguments", nullable=False),
        _json("result"),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _one_of(table, "by", "model", "runtime"),
        _object(table, "arguments"),
        _object(table, "result"),
        _check(table, "time_not_negative", "milliseconds >= 0"),
        _reference(table, "run_id", "agent_runs"),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "number", name=f"pk_{table}"),
    )


def _create_proposals() -> None:
    table = "agent_proposals"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        _json("arguments", nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        _json("result"),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        _one_of(table, "status", "pending", "rejected", "executing", "executed", "failed", "expired"),
        _object(table, "arguments"),
        _object(table, "result"),
        _check(
            table,
            "decision_has_a_time",
            "status NOT IN ('rejected', 'executing', 'executed') OR decided_at IS NOT NULL",
        ),
        _check(table, "expires_after_creation", "expires_at > created_at"),
        _reference(table, "run_id", "agent_runs"),
        _reference(table, "decided_by", "users"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}"),
    )
    op.create_index("ix_agent_proposals_list", table, ["tenant_id", "created_at", "id"])
    op.create_index("ix_agent_proposals_run", table, ["tenant_id", "run_id"])
    op.create_index(
        "ix_agent_proposals_open",
        table,
        ["tenant_id", "status"],
        postgresql_where=sa.text("status IN ('pending', 'executing')"),
    )


def _json(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(none_as_null=True), nullable=nullable)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _one_of(table: str, column: str, *words: str) -> sa.CheckConstraint:
    allowed = ", ".join(f"'{word}'" for word in words)
    return _check(table, f"{column}_known", f"{column} IN ({allowed})")


def _object(table: str, column: str) -> sa.CheckConstraint:
    return _check(table, f"{column}_is_object", f"jsonb_typeof({column}) = 'object'")


def _tenant(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=f"fk_{table}_tenant_id", ondelete="RESTRICT")


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=f"fk_{table}_tenant_id_{column}",
        ondelete="RESTRICT",
    )
