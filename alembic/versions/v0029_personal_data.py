"""Members who were removed, the age at which entries of the audit log go, and what people take along.

Revision 0029, after 0028. Two doors: one makes the address of a removed member free again, one deletes old entries of
the tenant's own log; whatever the caller asks for, it leaves the last 90 days.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_CHECK = "ck_users_status_known"

_RELEASE = """
CREATE FUNCTION app.release_login(user_id uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    DELETE FROM app.login_names n WHERE n.tenant_id = app.tenant_id() AND n.user_id = $1;
    RETURN FOUND;
END $$
"""

_PRUNE = """
CREATE FUNCTION app.prune_audit(before timestamptz, at_most integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine uuid := app.tenant_id();
    pruned integer;
BEGIN
    IF before > now() - interval '90 days' THEN
        RAISE EXCEPTION 'the last 90 days of an audit log stay' USING ERRCODE = '42501';
    END IF;
    DELETE FROM public.audit_log a WHERE a.tenant_id = mine AND a.id IN (
        SELECT x.id FROM public.audit_log x WHERE x.tenant_id = mine AND x.at < before ORDER BY x.at LIMIT at_most);
    GET DIAGNOSTICS pruned = ROW_COUNT;
    RETURN pruned;
END $$
"""

_DOORS = {"release_login(uuid)": _RELEASE, "prune_audit(timestamptz, integer)": _PRUNE}

_DOOR_REMOVES = """
CREATE POLICY door_removes ON app.login_names FOR DELETE TO bizosaas_doors
USING (tenant_id = (SELECT app.tenant_id()))
"""


def _allow(*statuses: str) -> None:
    words = ", ".join(f"'{status}'" for status in statuses)
    op.drop_constraint(op.f(_CHECK), "users")
    op.create_check_constraint(op.f(_CHECK), "users", f"status IN ({words})")


def _create_exports() -> None:
    op.create_table(
        "data_exports",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scope IN ('me', 'tenant')", name=op.f("ck_data_exports_scope_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["job_runs.tenant_id", "job_runs.id"],
            name="fk_data_exports_tenant_id_run_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_data_exports_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", name="pk_data_exports"),
    )
    op.create_index("ix_data_exports_list", "data_exports", ["tenant_id", "user_id", "created_at"])
    op.create_table(
        "export_parts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("after", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(after) = 'array'", name=op.f("ck_export_parts_after_is_array")),
        sa.CheckConstraint("number >= 0 AND rows >= 0", name=op.f("ck_export_parts_counts_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"],
            ["job_runs.tenant_id", "job_runs.id"],
            name="fk_export_parts_tenant_id_run_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", "number", name="pk_export_parts"),
    )
    for table in ("data_exports", "export_parts"):
        for statement in rls.protect(table):
            op.execute(statement)


def upgrade() -> None:
    _allow("active", "invited", "suspended", "removed")
    op.execute(_DOOR_REMOVES)
    op.execute("GRANT SELECT (at) ON audit_log TO bizosaas_doors")
    op.execute("GRANT DELETE ON app.login_names TO bizosaas_doors")
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    for signature, definition in _DOORS.items():
        op.execute(definition)
        op.execute(f"GRANT EXECUTE ON FUNCTION app.{signature} TO bizosaas_app")
        op.execute(f"ALTER FUNCTION app.{signature} OWNER TO bizosaas_doors")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")
    _create_exports()


def downgrade() -> None:
    op.drop_table("export_parts")
    op.drop_table("data_exports")
    for signature in reversed(_DOORS):
        op.execute(f"DROP FUNCTION app.{signature}")
    op.execute("REVOKE ALL (at) ON audit_log FROM bizosaas_doors")
    op.execute("REVOKE DELETE ON app.login_names FROM bizosaas_doors")
    op.execute("DROP POLICY door_removes ON app.login_names")
    op.execute("ALTER TABLE users NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE users SET status = 'suspended' WHERE status = 'removed'")
    op.execute("ALTER TABLE users FORCE ROW LEVEL SECURITY")
    _allow("active", "invited", "suspended")
