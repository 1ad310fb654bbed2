"""The doors: narrow questions over all tenants, each a SECURITY DEFINER function.

Revision 0009, after 0008. The functions belong to `bizosaas_doors`, who reads only the columns that they need.
"""

from __future__ import annotations

from alembic import op

from models import rls

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_READ = {
    "tenants": ("id", "slug", "name", "kind", "status", "created_at"),
    "memberships": ("tenant_id",),
    "auth_sessions": ("tenant_id", "expires_at", "revoked_at"),
    "outbox": ("tenant_id",),
    "gamification_events": ("tenant_id", "occurred_at"),
}
_CLAIM = {
    "app.login_names": ("email", "tenant_id", "user_id"),
    "app.referral_code_names": ("code", "tenant_id", "code_id", "program_id", "user_id"),
    "app.showcase_slugs": ("slug", "tenant_id", "portfolio_id"),
}

_FIND = {
    "find_login(text)": """
CREATE FUNCTION app.find_login(email text, OUT tenant_id uuid, OUT user_id uuid) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT n.tenant_id, n.user_id FROM app.login_names n WHERE n.email = lower(btrim($1))
$$
""",
    "find_referral_code(text)": """
CREATE FUNCTION app.find_referral_code(
    code text, OUT tenant_id uuid, OUT code_id uuid, OUT program_id uuid, OUT user_id uuid
) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT n.tenant_id, n.code_id, n.program_id, n.user_id
    FROM app.referral_code_names n WHERE n.code = upper(btrim($1))
$$
""",
    "find_showcase(text)": """
CREATE FUNCTION app.find_showcase(slug text, OUT tenant_id uuid, OUT portfolio_id uuid) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT n.tenant_id, n.portfolio_id FROM app.showcase_slugs n WHERE n.slug = $1
$$
""",
    "find_tenant(text)": """
CREATE FUNCTION app.find_tenant(slug text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT t.id FROM public.tenants t WHERE t.slug = $1
$$
""",
}

_CLAIM_SQL = """
CREATE FUNCTION app.{name}({arguments}) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF app.tenant_id() IS DISTINCT FROM $2 THEN
        RAISE EXCEPTION 'a name is claimed in the context of its own tenant' USING ERRCODE = '42501';
    END IF;
    INSERT INTO {table} ({columns}) VALUES ({values});
END $$
"""

_CLAIMS = {
    "claim_login(text, uuid, uuid)": _CLAIM_SQL.format(
        name="claim_login",
        arguments="email text, tenant_id uuid, user_id uuid",
        table="app.login_names",
        columns="email, tenant_id, user_id",
        values="lower(btrim($1)), $2, $3",
    ),
    "claim_referral_code(text, uuid, uuid, uuid, uuid)": _CLAIM_SQL.format(
        name="claim_referral_code",
        arguments="code text, tenant_id uuid, code_id uuid, program_id uuid, user_id uuid",
        table="app.referral_code_names",
        columns="code, tenant_id, code_id, program_id, user_id",
        values="upper(btrim($1)), $2, $3, $4, $5",
    ),
    "claim_showcase(text, uuid, uuid)": _CLAIM_SQL.format(
        name="claim_showcase",
        arguments="slug text, tenant_id uuid, portfolio_id uuid",
        table="app.showcase_slugs",
        columns="slug, tenant_id, portfolio_id",
        values="$1, $2, $3",
    ),
}

_LISTS = {
    "outbox_tenants()": """
CREATE FUNCTION app.outbox_tenants() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT DISTINCT o.tenant_id FROM public.outbox o
$$
""",
    "list_tenants()": """
CREATE FUNCTION app.list_tenants() RETURNS TABLE (
    id uuid, slug text, name text, kind text, status text, created_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT t.id, t.slug, t.name, t.kind, t.status, t.created_at FROM public.tenants t ORDER BY t.created_at, t.id
$$
""",
    "platform_tenants()": """
CREATE FUNCTION app.platform_tenants() RETURNS TABLE (
    id uuid, slug text, name text, status text, created_at timestamptz,
    members integer, active_sessions integer, events_7d bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.assert_platform();
    RETURN QUERY
    SELECT t.id, t.slug::text, t.name::text, t.status::text, t.created_at,
        (SELECT count(*)::integer FROM public.memberships m WHERE m.tenant_id = t.id),
        (SELECT count(*)::integer FROM public.auth_sessions s
         WHERE s.tenant_id = t.id AND s.revoked_at IS NULL AND s.expires_at > now()),
        (SELECT count(*) FROM public.gamification_events e
         WHERE e.tenant_id = t.id AND e.occurred_at > now() - interval '7 days')
    FROM public.tenants t WHERE t.kind = 'customer' ORDER BY t.created_at, t.id;
END $$
""",
}

_DOORS = _FIND | _CLAIMS | _LISTS


def upgrade() -> None:
    for table, columns in _READ.items():
        for statement in rls.open_door(table, columns):
            op.execute(statement)
    for table, columns in _CLAIM.items():
        for statement in (*rls.seal(table), *rls.open_door(table, columns, may_insert=True)):
            op.execute(statement)
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    for signature, definition in _DOORS.items():
        op.execute(definition)
        op.execute(f"GRANT EXECUTE ON FUNCTION app.{signature} TO bizosaas_app")
        op.execute(f"ALTER FUNCTION app.{signature} OWNER TO bizosaas_doors")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")


def downgrade() -> None:
    for signature in reversed(_DOORS):
        op.execute(f"DROP FUNCTION app.{signature}")
    for table, columns in _READ.items():
        op.execute(f"DROP POLICY door_reads ON {table}")
        op.execute(f"REVOKE ALL ({', '.join(columns)}) ON {table} FROM bizosaas_doors")
    for table, columns in _CLAIM.items():
        op.execute(f"DROP POLICY door_reads ON {table}")
        op.execute(f"DROP POLICY door_adds ON {table}")
        op.execute(f"REVOKE ALL ({', '.join(columns)}) ON {table} FROM bizosaas_doors")
