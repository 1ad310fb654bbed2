"""Tenants, roles and permissions, users and their memberships.

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MEMBERS = """
CREATE VIEW members WITH (security_invoker = true) AS
SELECT u.tenant_id, u.id, u.email, u.name, u.status, m.role_key, m.platforms, m.leaderboard_privacy,
       u.created_at, u.last_login_at
FROM users u
JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
"""

_RIGHTS = {
    "tenants": rls.KEEP,
    "users": rls.KEEP,
    "memberships": rls.ALL,
}


def _create_tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_tenants_currency_is_iso_4217")),
        sa.CheckConstraint("kind IN ('operator', 'customer')", name=op.f("ck_tenants_kind_known")),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 63", name=op.f("ck_tenants_slug_is_url_safe")
        ),
        sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f("ck_tenants_status_known")),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
        sa.UniqueConstraint("slug", name="uq_tenants_slug"),
    )


def _create_roles() -> None:
    op.create_table(
        "roles",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_roles"),
    )


def _create_permissions() -> None:
    op.create_table(
        "permissions",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_permissions"),
    )


def _create_role_permissions() -> None:
    op.create_table(
        "role_permissions",
        sa.Column("role_key", sa.String(), nullable=False),
        sa.Column("permission_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_key"], ["permissions.key"], name="fk_role_permissions_permission_key", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["role_key"], ["roles.key"], name="fk_role_permissions_role_key", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("role_key", "permission_key", name="pk_role_permissions"),
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "email = lower(email) AND position('@' in email) > 1", name=op.f("ck_users_email_is_normal")
        ),
        sa.CheckConstraint(
            "status <> 'active' OR password_hash IS NOT NULL", name=op.f("ck_users_active_has_password")
        ),
        sa.CheckConstraint("status IN ('active', 'invited', 'suspended')", name=op.f("ck_users_status_known")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_users_tenant_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_users"),
        sa.UniqueConstraint("tenant_id", "email", name="uq_users_tenant_id_email"),
    )
    op.create_index("ix_users_list", "users", ["tenant_id", "created_at", "id"])


def _create_memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_key", sa.String(), nullable=False),
        sa.Column("platforms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("leaderboard_privacy", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "leaderboard_privacy IN ('public', 'pseudonym', 'hidden')",
            name=op.f("ck_memberships_leaderboard_privacy_known"),
        ),
        sa.CheckConstraint(
            "platforms <@ ARRAY['bizosaas', 'bizoholic', 'coreldove', 'bizosaas-admin']::text[]",
            name=op.f("ck_memberships_platforms_known"),
        ),
        sa.CheckConstraint("cardinality(platforms) > 0", name=op.f("ck_memberships_has_a_platform")),
        sa.ForeignKeyConstraint(["role_key"], ["roles.key"], name="fk_memberships_role_key", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_memberships_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_role", "memberships", ["tenant_id", "role_key"])


def _create_login_names() -> None:
    op.create_table(
        "login_names",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_login_names_email_is_normal")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_login_names_tenant_id_user_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("email", name="pk_login_names"),
        schema="app",
    )
    op.create_index("ix_login_names_user", "login_names", ["tenant_id", "user_id"], schema="app")


def upgrade() -> None:
    _create_tenants()
    _create_roles()
    _create_permissions()
    _create_role_permissions()
    _create_users()
    _create_memberships()
    _create_login_names()
    for table, rights in _RIGHTS.items():
        for statement in rls.protect(table, rights):
            op.execute(statement)
    op.execute("GRANT SELECT ON roles, permissions, role_permissions TO bizosaas_app")
    op.execute(_MEMBERS)
    op.execute("GRANT SELECT ON members TO bizosaas_app")


def downgrade() -> None:
    op.execute("DROP VIEW members")
    op.drop_table("login_names", schema="app")
    op.drop_table("memberships")
    op.drop_table("users")
    op.drop_table("role_permissions")
    op.drop_table("permissions")
    op.drop_table("roles")
    op.drop_table("tenants")
