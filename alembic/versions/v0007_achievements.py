"""Achievements, their categories and their progress.

Revision 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_RIGHTS = {
    "achievement_categories": rls.ALL,
    "achievements": rls.ALL,
    "tenant_achievements": rls.ALL,
}


def _create_achievement_categories() -> None:
    op.create_table(
        "achievement_categories",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name="fk_achievement_categories_tenant_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_achievement_categories"),
        sa.UniqueConstraint("tenant_id", "key", name="uq_achievement_categories_tenant_id_key"),
    )


def _create_achievements() -> None:
    op.create_table(
        "achievements",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("icon", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=True),
        sa.Column("trigger", postgresql.JSONB(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("is_custom", sa.Boolean(), nullable=False),
        sa.Column("repeats", sa.String(), nullable=False),
        sa.Column("preconditions", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "jsonb_typeof(preconditions) = 'array'", name=op.f("ck_achievements_preconditions_is_array")
        ),
        sa.CheckConstraint("jsonb_typeof(trigger) = 'object'", name=op.f("ck_achievements_trigger_is_object")),
        sa.CheckConstraint(
            "platform IN ('bizosaas', 'bizoholic', 'coreldove', 'bizosaas-admin')",
            name=op.f("ck_achievements_platform_known"),
        ),
        sa.CheckConstraint("repeats IN ('never', 'day', 'week', 'month')", name=op.f("ck_achievements_repeats_known")),
        sa.CheckConstraint("status IN ('draft', 'active', 'archived')", name=op.f("ck_achievements_status_known")),
        sa.CheckConstraint("tier IN ('bronze', 'silver', 'gold', 'platinum')", name=op.f("ck_achievements_tier_known")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_achievements_points_not_negative")),
        sa.CheckConstraint(
            "starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at",
            name=op.f("ck_achievements_time_box_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "category_id"],
            ["achievement_categories.tenant_id", "achievement_categories.id"],
            name="fk_achievements_tenant_id_category_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by"],
            ["users.tenant_id", "users.id"],
            name="fk_achievements_tenant_id_created_by",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_achievements"),
        sa.UniqueConstraint("tenant_id", "key", name="uq_achievements_tenant_id_key"),
    )
    op.create_index("ix_achievements_list", "achievements", ["tenant_id", "status", "created_at", "id"])


def _create_tenant_achievements() -> None:
    op.create_table(
        "tenant_achievements",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("achievement_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("progress", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("target", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("points_awarded", sa.Integer(), nullable=False),
        sa.Column("event_ids", postgresql.JSONB(), nullable=False),
        sa.Column("unlocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(event_ids) = 'array'", name=op.f("ck_tenant_achievements_event_ids_is_array")),
        sa.CheckConstraint(
            "status <> 'revoked' OR revoked_at IS NOT NULL", name=op.f("ck_tenant_achievements_revocation_has_a_time")
        ),
        sa.CheckConstraint(
            "status <> 'unlocked' OR unlocked_at IS NOT NULL", name=op.f("ck_tenant_achievements_unlock_has_a_time")
        ),
        sa.CheckConstraint(
            "status IN ('locked', 'in_progress', 'provisional', 'unlocked', 'revoked')",
            name=op.f("ck_tenant_achievements_status_known"),
        ),
        sa.CheckConstraint("points_awarded >= 0", name=op.f("ck_tenant_achievements_points_not_negative")),
        sa.CheckConstraint("progress >= 0 AND target > 0", name=op.f("ck_tenant_achievements_progress_in_range")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "achievement_id"],
            ["achievements.tenant_id", "achievements.id"],
            name="fk_tenant_achievements_tenant_id_achievement_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_tenant_achievements_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_tenant_achievements"),
        sa.UniqueConstraint(
            "tenant_id",
            "user_id",
            "achievement_id",
            "period",
            name="uq_tenant_achievements_tenant_id_user_id_achievement_id_period",
        ),
    )
    op.create_index("ix_tenant_achievements_rarity", "tenant_achievements", ["tenant_id", "achievement_id", "status"])
    op.create_index(
        "ix_tenant_achievements_user", "tenant_achievements", ["tenant_id", "user_id", "status", "unlocked_at"]
    )


def upgrade() -> None:
    _create_achievement_categories()
    _create_achievements()
    _create_tenant_achievements()
    for table, rights in _RIGHTS.items():
        for statement in rls.protect(table, rights):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("tenant_achievements")
    op.drop_table("achievements")
    op.drop_table("achievement_categories")
