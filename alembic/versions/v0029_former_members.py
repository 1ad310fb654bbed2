"""Members who were removed: a status of their own, and the door by which their address is free again.

Revision 0029, after 0028.
"""

from __future__ import annotations

from alembic import op

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

_DOOR_REMOVES = """
CREATE POLICY door_removes ON app.login_names FOR DELETE TO bizosaas_doors
USING (tenant_id = (SELECT app.tenant_id()))
"""


def _allow(*statuses: str) -> None:
    words = ", ".join(f"'{status}'" for status in statuses)
    op.drop_constraint(op.f(_CHECK), "users")
    op.create_check_constraint(op.f(_CHECK), "users", f"status IN ({words})")


def upgrade() -> None:
    _allow("active", "invited", "suspended", "removed")
    op.execute(_DOOR_REMOVES)
    op.execute("GRANT DELETE ON app.login_names TO bizosaas_doors")
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    op.execute(_RELEASE)
    op.execute("GRANT EXECUTE ON FUNCTION app.release_login(uuid) TO bizosaas_app")
    op.execute("ALTER FUNCTION app.release_login(uuid) OWNER TO bizosaas_doors")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")


def downgrade() -> None:
    op.execute("DROP FUNCTION app.release_login(uuid)")
    op.execute("REVOKE DELETE ON app.login_names FROM bizosaas_doors")
    op.execute("DROP POLICY door_removes ON app.login_names")
    op.execute("ALTER TABLE users NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE users SET status = 'suspended' WHERE status = 'removed'")
    op.execute("ALTER TABLE users FORCE ROW LEVEL SECURITY")
    _allow("active", "invited", "suspended")
