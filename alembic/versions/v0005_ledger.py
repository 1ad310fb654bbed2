"""The ledger and the leaderboards derived from it.

Revision 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PARTITIONS = [f"gamification_events_p{number}" for number in range(8)]
_RIGHTS = {
    "gamification_events": rls.APPEND,
    "leaderboards": rls.ALL,
    "leaderboard_entries": rls.ALL,
}


def _create_gamification_events() -> None:
    op.create_table(
        "gamification_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("value", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("properties", postgresql.JSONB(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reverses_event_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(type = 'event.reversed') = (reverses_event_id IS NOT NULL)",
            name=op.f("ck_gamification_events_reversal_names_event"),
        ),
        sa.CheckConstraint(
            "jsonb_typeof(properties) = 'object'", name=op.f("ck_gamification_events_properties_is_object")
        ),
        sa.CheckConstraint("source IN ('api', 'service')", name=op.f("ck_gamification_events_source_known")),
        sa.CheckConstraint("length(type) BETWEEN 1 AND 100", name=op.f("ck_gamification_events_type_has_a_length")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses_event_id"],
            ["gamification_events.tenant_id", "gamification_events.event_id"],
            name="fk_gamification_events_tenant_id_reverses_event_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_gamification_events_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "event_id", name="pk_gamification_events"),
        postgresql_partition_by="HASH (tenant_id)",
    )
    op.create_index("ix_gamification_events_time", "gamification_events", ["tenant_id", "occurred_at", "event_id"])
    op.create_index("ix_gamification_events_type", "gamification_events", ["tenant_id", "type", "occurred_at"])
    op.create_index("ix_gamification_events_user", "gamification_events", ["tenant_id", "user_id", "occurred_at"])
    op.create_index(
        "uq_gamification_events_reversal",
        "gamification_events",
        ["tenant_id", "reverses_event_id"],
        unique=True,
        postgresql_where=sa.text("reverses_event_id IS NOT NULL"),
    )


def _create_leaderboards() -> None:
    op.create_table(
        "leaderboards",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("metric", postgresql.JSONB(), nullable=False),
        sa.Column("sort", sa.String(), nullable=False),
        sa.Column("tie_rule", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("default_window", sa.String(), nullable=False),
        sa.Column("resets", sa.String(), nullable=True),
        sa.Column("caps", postgresql.JSONB(), nullable=False),
        sa.Column("prizes", postgresql.JSONB(), nullable=False),
        sa.Column("visibility", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "default_window IN ('all', 'month', 'week', 'day')", name=op.f("ck_leaderboards_default_window_known")
        ),
        sa.CheckConstraint("jsonb_typeof(caps) = 'object'", name=op.f("ck_leaderboards_caps_is_object")),
        sa.CheckConstraint("jsonb_typeof(metric) = 'object'", name=op.f("ck_leaderboards_metric_is_object")),
        sa.CheckConstraint("jsonb_typeof(prizes) = 'array'", name=op.f("ck_leaderboards_prizes_is_array")),
        sa.CheckConstraint("key ~ '^[a-z0-9][a-z0-9_-]{0,62}$'", name=op.f("ck_leaderboards_key_is_url_safe")),
        sa.CheckConstraint("operator IN ('incr', 'best', 'set', 'decr')", name=op.f("ck_leaderboards_operator_known")),
        sa.CheckConstraint("sort IN ('desc', 'asc')", name=op.f("ck_leaderboards_sort_known")),
        sa.CheckConstraint("status IN ('active', 'archived')", name=op.f("ck_leaderboards_status_known")),
        sa.CheckConstraint("tie_rule IN ('standard', 'dense')", name=op.f("ck_leaderboards_tie_rule_known")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_leaderboards_tenant_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_leaderboards"),
        sa.UniqueConstraint("tenant_id", "key", name="uq_leaderboards_tenant_id_key"),
    )


def _create_leaderboard_entries() -> None:
    op.create_table(
        "leaderboard_entries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("leaderboard_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "period ~ '^(all|\\d{4}-\\d{2}|\\d{4}-W\\d{2}|\\d{4}-\\d{2}-\\d{2})$'",
            name=op.f("ck_leaderboard_entries_period_is_a_window"),
        ),
        sa.CheckConstraint("events >= 0", name=op.f("ck_leaderboard_entries_events_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "leaderboard_id"],
            ["leaderboards.tenant_id", "leaderboards.id"],
            name="fk_leaderboard_entries_tenant_id_leaderboard_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_leaderboard_entries_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "leaderboard_id", "period", "user_id", name="pk_leaderboard_entries"),
    )
    op.create_index(
        "ix_leaderboard_entries_rank",
        "leaderboard_entries",
        ["tenant_id", "leaderboard_id", "period", sa.literal_column("score DESC"), "reached_at", "user_id"],
    )
    op.create_index("ix_leaderboard_entries_user", "leaderboard_entries", ["tenant_id", "user_id"])


def _create_partitions() -> None:
    """Rights and policies of the parent hold for what comes through it; a partition itself is shut to all."""
    for number, partition in enumerate(_PARTITIONS):
        bounds = f"FOR VALUES WITH (MODULUS {len(_PARTITIONS)}, REMAINDER {number})"
        op.execute(f"CREATE TABLE {partition} PARTITION OF gamification_events {bounds}")
        for statement in rls.seal(partition):
            op.execute(statement)


def upgrade() -> None:
    _create_gamification_events()
    _create_leaderboards()
    _create_leaderboard_entries()
    for table, rights in _RIGHTS.items():
        for statement in rls.protect(table, rights):
            op.execute(statement)
    _create_partitions()


def downgrade() -> None:
    op.drop_table("leaderboard_entries")
    op.drop_table("leaderboards")
    op.drop_table("gamification_events")
