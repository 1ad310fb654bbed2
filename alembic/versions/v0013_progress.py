"""Achievements: counters, members of counters, the stamp of the definitions, and reviews of doubtful unlocks.

Revision 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLES = ("achievement_stamps", "achievement_reviews", "achievement_counters", "counter_members")
_OFTEN_CHANGED = {"fillfactor": 80}
"""Room on each page, so that a changed row stays on it and no index has to be told."""


def _create_stamps() -> None:
    op.create_table(
        "achievement_stamps",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("stamp", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name="fk_achievement_stamps_tenant_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_achievement_stamps"),
    )


def _create_reviews() -> None:
    op.create_table(
        "achievement_reviews",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("achievement_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("event_ids", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("jsonb_typeof(event_ids) = 'array'", name=op.f("ck_achievement_reviews_event_ids_is_array")),
        sa.CheckConstraint(
            "status IN ('open', 'confirmed', 'revoked')", name=op.f("ck_achievement_reviews_status_known")
        ),
        sa.CheckConstraint(
            "(status = 'open') = (decided_at IS NULL)", name=op.f("ck_achievement_reviews_decision_has_a_time")
        ),
        _belongs_to("achievement_reviews", "achievement_id", "achievements"),
        _belongs_to("achievement_reviews", "user_id", "users"),
        _belongs_to("achievement_reviews", "decided_by", "users"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_achievement_reviews"),
        sa.UniqueConstraint(
            "tenant_id",
            "achievement_id",
            "user_id",
            "period",
            name="uq_achievement_reviews_tenant_id_achievement_id_user_id_period",
        ),
    )
    op.create_index("ix_achievement_reviews_list", "achievement_reviews", ["tenant_id", "status", "created_at", "id"])
    op.create_index("ix_achievement_reviews_user", "achievement_reviews", ["tenant_id", "user_id"])


def _create_counters() -> None:
    op.create_table(
        "achievement_counters",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("meter", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("fold", sa.String(), nullable=False),
        sa.Column("value", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("pending", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("fold IN ('add', 'max')", name=op.f("ck_achievement_counters_fold_known")),
        sa.CheckConstraint(
            r"period ~ '^(all|\d{4}-\d{2}|\d{4}-W\d{2}|\d{4}-\d{2}-\d{2})$'",
            name=op.f("ck_achievement_counters_period_is_a_window"),
        ),
        sa.CheckConstraint("events >= 0", name=op.f("ck_achievement_counters_events_not_negative")),
        _belongs_to("achievement_counters", "user_id", "users"),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "meter", "period", name="pk_achievement_counters"),
        postgresql_with=_OFTEN_CHANGED,
    )


def _create_members() -> None:
    op.create_table(
        "counter_members",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("meter", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.CheckConstraint("0 <= confirmed AND confirmed <= pending", name=op.f("ck_counter_members_counts_in_order")),
        _belongs_to("counter_members", "user_id", "users"),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "meter", "period", "member", name="pk_counter_members"),
        postgresql_with=_OFTEN_CHANGED,
    )


def _belongs_to(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{parent}.tenant_id", f"{parent}.id"],
        name=f"fk_{table}_tenant_id_{column}",
        ondelete="RESTRICT",
    )


def upgrade() -> None:
    op.add_column("achievements", sa.Column("limits", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.create_check_constraint(
        op.f("ck_achievements_limits_is_object"), "achievements", "jsonb_typeof(limits) = 'object'"
    )
    op.add_column("tenant_achievements", sa.Column("generation", sa.Integer(), nullable=False, server_default="0"))
    _create_stamps()
    _create_reviews()
    _create_counters()
    _create_members()
    for table in _TABLES:
        for statement in rls.protect(table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_column("tenant_achievements", "generation")
    op.drop_column("achievements", "limits")
