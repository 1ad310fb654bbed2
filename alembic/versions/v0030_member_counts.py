"""The platform's count of members leaves out those who were removed: their rows stay, with nothing of them.

Revision 0030, after 0029. Memberships do not say who was removed, so the door counts users and may read their status;
memberships are shut to it.
"""

from __future__ import annotations

from alembic import op

from models import rls

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_SIGNATURE = "platform_tenants()"
_DEFINITION = """
CREATE FUNCTION app.platform_tenants() RETURNS TABLE (
    id uuid, slug text, name text, status text, created_at timestamptz,
    members integer, active_sessions integer, events_7d bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.assert_platform();
    RETURN QUERY
    SELECT t.id, t.slug::text, t.name::text, t.status::text, t.created_at,
        (SELECT count(*)::integer FROM {members}),
        (SELECT count(*)::integer FROM public.auth_sessions s
         WHERE s.tenant_id = t.id AND s.revoked_at IS NULL AND s.expires_at > now()),
        (SELECT count(*) FROM public.gamification_events e
         WHERE e.tenant_id = t.id AND e.occurred_at > now() - interval '7 days')
    FROM public.tenants t WHERE t.kind = 'customer' ORDER BY t.created_at, t.id;
END $$
"""
_NEW = "public.users u WHERE u.tenant_id = t.id AND u.status <> 'removed'"
_OLD = "public.memberships m WHERE m.tenant_id = t.id"


def _replace(members: str) -> None:
    op.execute(f"DROP FUNCTION app.{_SIGNATURE}")
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    op.execute(_DEFINITION.format(members=members))
    op.execute(f"GRANT EXECUTE ON FUNCTION app.{_SIGNATURE} TO bizosaas_app")
    op.execute(f"ALTER FUNCTION app.{_SIGNATURE} OWNER TO bizosaas_doors")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")


def _open(table: str, column: str) -> None:
    for statement in rls.open_door(table, (column,)):
        op.execute(statement)


def _shut(table: str, column: str) -> None:
    op.execute(f"DROP POLICY {rls.DOOR_POLICY} ON {table}")
    op.execute(f"REVOKE ALL ({column}) ON {table} FROM {rls.DOORS_ROLE}")


def upgrade() -> None:
    _open("users", "status")
    _replace(_NEW)
    _shut("memberships", "tenant_id")


def downgrade() -> None:
    _open("memberships", "tenant_id")
    _replace(_OLD)
    _shut("users", "status")
