"""Wizards: drafts and their files, and what onboarding writes of a tenant.

Revision 0022, after 0021.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TABLES = ("wizard_drafts", "wizard_files", "tenant_profiles")


def upgrade() -> None:
    _create_drafts()
    _create_files()
    _create_profiles()
    for table in _TABLES:
        for statement in rls.protect(table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_drafts() -> None:
    table = "wizard_drafts"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("wizard", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        _json("answers"),
        _json("revisions"),
        _json("guesses"),
        _json("overwritten"),
        sa.Column("done", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _json("result", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        _moment("expires_at"),
        _moment("completed_at", nullable=True),
        *(_check(table, f"{name}_is_object", f"jsonb_typeof({name}) = 'object'") for name in _OBJECTS),
        _check(table, "overwritten_is_array", "jsonb_typeof(overwritten) = 'array'"),
        _check(table, "status_known", "status IN ('open', 'completed', 'discarded', 'expired')"),
        _check(table, "completed_has_a_time", "(status = 'completed') = (completed_at IS NOT NULL)"),
        _check(table, "version_not_negative", "version >= 0"),
        _reference(table, "user_id", "users"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}"),
    )
    is_open = sa.text("status = 'open'")
    op.create_index(
        "ux_wizard_drafts_open", table, ["tenant_id", "user_id", "wizard"], unique=True, postgresql_where=is_open
    )
    op.create_index("ix_wizard_drafts_expiry", table, ["tenant_id", "expires_at"], postgresql_where=is_open)


def _create_files() -> None:
    table = "wizard_files"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        _check(table, "content_in_bounds", "octet_length(content) BETWEEN 1 AND 5242880"),
        _reference(table, "draft_id", "wizard_drafts"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}"),
    )
    op.create_index("ix_wizard_files_draft", table, ["tenant_id", "draft_id", "field"])


def _create_profiles() -> None:
    table = "tenant_profiles"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("website", sa.String(), nullable=True),
        sa.Column("platforms", postgresql.ARRAY(sa.Text()), nullable=False),
        _json("goals"),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_type", sa.String(), nullable=True),
        sa.Column("activated_by", sa.Uuid(), nullable=False),
        _moment("activated_at"),
        _check(table, "goals_is_array", "jsonb_typeof(goals) = 'array'"),
        _check(table, "logo_has_a_type", "(logo IS NULL) = (logo_type IS NULL)"),
        _check(table, "logo_in_bounds", "octet_length(logo) BETWEEN 1 AND 524288"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=f"fk_{table}_tenant_id", ondelete="RESTRICT"),
        _reference(table, "activated_by", "users"),
        sa.UniqueConstraint("tenant_id", "draft_id", name=f"uq_{table}_tenant_id_draft_id"),
        sa.PrimaryKeyConstraint("tenant_id", name=f"pk_{table}"),
    )


_OBJECTS = ("answers", "revisions", "guesses", "result")


def _json(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(none_as_null=True), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=f"fk_{table}_tenant_id_{column}",
        ondelete="RESTRICT",
    )
