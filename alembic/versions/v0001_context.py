"""Roles, the private schema and the signed tenant context.

Revision 0001, the first. Runs as the owner of the database, who needs no superuser rights.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_CREATE_ROLES = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bizosaas_app') THEN
        CREATE ROLE bizosaas_app LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bizosaas_doors') THEN
        CREATE ROLE bizosaas_doors NOLOGIN;
    END IF;
EXCEPTION
    -- Roles belong to the cluster: another database's migration may have made them just now.
    WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

# Membership lets the owner hand functions over. From PostgreSQL 16 on it can be had without inheriting the
# doors' own policies; until then the owner inherits them, which is why it is never the running application.
_JOIN_DOORS = """
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 160000 THEN
        IF NOT pg_has_role(current_user, 'bizosaas_doors', 'SET') THEN
            EXECUTE format('GRANT bizosaas_doors TO %I WITH INHERIT FALSE, SET TRUE', current_user);
        END IF;
    ELSIF NOT pg_has_role(current_user, 'bizosaas_doors', 'MEMBER') THEN
        EXECUTE format('GRANT bizosaas_doors TO %I', current_user);
    END IF;
END $$
"""

_CLOSE_DATABASE = """
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO bizosaas_app', current_database());
END $$
"""

_OPEN_DATABASE = """
DO $$
BEGIN
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM bizosaas_app', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO PUBLIC', current_database());
END $$
"""

# HMAC-SHA-256 from core's sha256() with precomputed pads: pgcrypto is not everywhere. Called by the two
# functions below only, with their rights and their empty search path.
_VERIFIED_CONTEXT = """
CREATE FUNCTION app.verified_context() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
DECLARE
    scope text := coalesce(current_setting('app.ctx_scope', true), '');
    tenant text := coalesce(current_setting('app.ctx_tenant', true), '');
    expires text := coalesce(current_setting('app.ctx_expires', true), '');
    signature text := coalesce(current_setting('app.ctx_sig', true), '');
    pads record;
BEGIN
    IF scope = '' AND tenant = '' AND expires = '' AND signature = '' THEN
        RETURN NULL;
    END IF;
    SELECT k.inner_pad, k.outer_pad INTO pads
    FROM app.context_keys k WHERE k.key_id = current_setting('app.ctx_key', true);
    IF NOT FOUND OR signature <> encode(sha256(pads.outer_pad || sha256(pads.inner_pad || convert_to(
        scope || ':' || tenant || ':' || pg_backend_pid() || ':' || expires, 'UTF8'))), 'hex')
    THEN
        RAISE EXCEPTION 'the tenant context is not genuine' USING ERRCODE = '42501';
    END IF;
    -- 120 s: the signer gives 60 s, and its clock may be 60 s ahead of ours.
    IF extract(epoch FROM transaction_timestamp()) NOT BETWEEN expires::bigint - 120 AND expires::bigint THEN
        RAISE EXCEPTION 'the tenant context has expired' USING ERRCODE = '42501';
    END IF;
    RETURN scope || ':' || tenant;
END $$
"""

_TENANT_ID = """
CREATE FUNCTION app.tenant_id() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    context text := app.verified_context();
BEGIN
    IF context LIKE 'tenant:%' THEN
        RETURN substr(context, 8)::uuid;
    END IF;
    RETURN NULL;
END $$
"""

_ASSERT_PLATFORM = """
CREATE FUNCTION app.assert_platform() RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF app.verified_context() IS DISTINCT FROM 'platform:' THEN
        RAISE EXCEPTION 'this needs the platform context' USING ERRCODE = '42501';
    END IF;
END $$
"""

# FORCE makes the owner evaluate the policies too. Its own right went over with the function, so the doors give it.
_LET_OWNER_EVALUATE = """
DO $$
DECLARE
    owner name := current_user;
BEGIN
    SET LOCAL ROLE bizosaas_doors;
    EXECUTE format('GRANT EXECUTE ON FUNCTION app.tenant_id() TO %I', owner);
    EXECUTE format('SET LOCAL ROLE %I', owner);
END $$
"""


def upgrade() -> None:
    for statement in (_CREATE_ROLES, _JOIN_DOORS, _CLOSE_DATABASE):
        op.execute(statement)
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA public TO bizosaas_app, bizosaas_doors")
    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    op.execute("CREATE SCHEMA app")
    op.execute("GRANT USAGE ON SCHEMA app TO bizosaas_app, bizosaas_doors")
    op.create_table(
        "context_keys",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("inner_pad", sa.LargeBinary(), nullable=False),
        sa.Column("outer_pad", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length(inner_pad) = 64 AND length(outer_pad) = 64", name=op.f("ck_context_keys_pads_are_blocks")
        ),
        sa.PrimaryKeyConstraint("key_id", name="pk_context_keys"),
        schema="app",
    )
    op.execute("GRANT SELECT ON app.context_keys TO bizosaas_doors")
    for statement in (_VERIFIED_CONTEXT, _TENANT_ID, _ASSERT_PLATFORM):
        op.execute(statement)
    op.execute("GRANT EXECUTE ON FUNCTION app.tenant_id() TO bizosaas_app")
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    for name in ("verified_context", "tenant_id", "assert_platform"):
        op.execute(f"ALTER FUNCTION app.{name}() OWNER TO bizosaas_doors")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")
    op.execute(_LET_OWNER_EVALUATE)


def downgrade() -> None:
    for name in ("assert_platform", "tenant_id", "verified_context"):
        op.execute(f"DROP FUNCTION app.{name}()")
    op.drop_table("context_keys", schema="app")
    op.execute("DROP SCHEMA app")
    op.execute("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
    op.execute("REVOKE USAGE ON SCHEMA public FROM bizosaas_app, bizosaas_doors")
    op.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    op.execute(_OPEN_DATABASE)
