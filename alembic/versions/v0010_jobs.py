"""The durable queue of background jobs, and the runs that people can watch.

Revision 0010, after 0009. The queue is procrastinate's own schema, taken from the pinned package, in the schema
`jobs`. Its functions find their tables there whatever the caller's search path says, so that a job can be added in
the transaction of the work that wants it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_FIX_SEARCH_PATH = """
DO $$
DECLARE
    found regprocedure;
BEGIN
    FOR found IN SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'jobs'
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = jobs, pg_catalog', found);
    END LOOP;
END $$
"""

_GRANTS = (
    "GRANT USAGE ON SCHEMA jobs TO bizosaas_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO bizosaas_app",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO bizosaas_app",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs TO bizosaas_app",
)

_OWED = """
CREATE FUNCTION app.active_tenants() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT t.id FROM public.tenants t WHERE t.kind = 'customer' AND t.status = 'active' ORDER BY t.id
$$
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA jobs")
    op.execute("SET LOCAL search_path = jobs")
    # Many statements in one text, and percent signs that mean themselves: for the driver, not for SQLAlchemy.
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(SchemaManager.get_schema())
    op.execute("SET LOCAL search_path = public")
    op.execute(_FIX_SEARCH_PATH)
    for statement in _GRANTS:
        op.execute(statement)
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    op.execute(_OWED)
    op.execute("GRANT EXECUTE ON FUNCTION app.active_tenants() TO bizosaas_app")
    op.execute("ALTER FUNCTION app.active_tenants() OWNER TO bizosaas_doors")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")
    _create_runs()


def _create_runs() -> None:
    op.create_table(
        "job_runs",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("result", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("is_cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_runs_status_known")
        ),
        sa.CheckConstraint("jsonb_typeof(result) = 'object'", name=op.f("ck_job_runs_result_is_object")),
        sa.CheckConstraint("done >= 0 AND (total IS NULL OR total >= 0)", name=op.f("ck_job_runs_counts_not_negative")),
        sa.CheckConstraint(
            "(status IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name=op.f("ck_job_runs_end_has_a_time"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_job_runs_tenant_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "asked_by"],
            ["users.tenant_id", "users.id"],
            name="fk_job_runs_tenant_id_asked_by",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_job_runs"),
    )
    op.create_index("ix_job_runs_list", "job_runs", ["tenant_id", "created_at", "id"])
    for statement in rls.protect("job_runs"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("job_runs")
    op.execute("DROP FUNCTION app.active_tenants()")
    op.execute("DROP SCHEMA jobs CASCADE")
