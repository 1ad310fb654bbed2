"""What a showcase knows of its making, and the door to the published ones.

Revision 0017, after 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TABLE = "showcase_portfolios"
_READ = ("tenant_id", "id", "slug", "status", "updated_at")

_PUBLISHED = """
CREATE FUNCTION app.published_showcases() RETURNS TABLE (slug text, updated_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT p.slug::text, p.updated_at
    FROM public.showcase_portfolios p JOIN public.tenants t ON t.id = p.tenant_id
    WHERE p.status = 'published' AND t.status = 'active'
    ORDER BY p.updated_at DESC, p.id LIMIT 50000
$$
"""
"""At most what one sitemap may hold (sitemaps.org)."""


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("scope", sa.String(), nullable=False, server_default="member"))
    op.alter_column(_TABLE, "scope", server_default=None)
    op.add_column(_TABLE, sa.Column("engine", sa.String(), nullable=True))
    op.add_column(_TABLE, sa.Column("quote", postgresql.JSONB(), nullable=True))
    op.add_column(_TABLE, sa.Column("as_of", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_showcase_portfolios_scope_known"), _TABLE, "scope IN ('member', 'tenant')")
    op.create_check_constraint(op.f("ck_showcase_portfolios_quote_is_object"), _TABLE, "jsonb_typeof(quote) = 'object'")
    for statement in rls.open_door(_TABLE, _READ):
        op.execute(statement)
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    op.execute(_PUBLISHED)
    op.execute("GRANT EXECUTE ON FUNCTION app.published_showcases() TO bizosaas_app")
    op.execute("ALTER FUNCTION app.published_showcases() OWNER TO bizosaas_doors")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")


def downgrade() -> None:
    op.execute("DROP FUNCTION app.published_showcases()")
    op.execute(f"DROP POLICY {rls.DOOR_POLICY} ON {_TABLE}")
    op.execute(f"REVOKE ALL ({', '.join(_READ)}) ON {_TABLE} FROM bizosaas_doors")
    op.drop_constraint(op.f("ck_showcase_portfolios_quote_is_object"), _TABLE)
    op.drop_constraint(op.f("ck_showcase_portfolios_scope_known"), _TABLE)
    for column in ("as_of", "quote", "engine", "scope"):
        op.drop_column(_TABLE, column)
