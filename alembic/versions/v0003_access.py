"""Sign-in sessions, account tokens and API keys.

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_RIGHTS = {
    "auth_sessions": rls.ALL,
    "account_tokens": rls.ALL,
    "api_keys": rls.ALL,
}


def _create_auth_sessions() -> None:
    op.create_table(
        "auth_sessions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("device_label", sa.String(), nullable=False),
        sa.Column("device_hash", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refresh_counter", sa.Integer(), nullable=False),
        sa.Column("refresh_rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "platform IN ('bizosaas', 'bizoholic', 'coreldove', 'bizosaas-admin')",
            name=op.f("ck_auth_sessions_platform_known"),
        ),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_auth_sessions_expires_after_creation")),
        sa.CheckConstraint("refresh_counter >= 0", name=op.f("ck_auth_sessions_refresh_counter_not_negative")),
        sa.CheckConstraint(
            "revoke_reason IS NULL OR revoked_at IS NOT NULL", name=op.f("ck_auth_sessions_reason_needs_revocation")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_auth_sessions_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_auth_sessions"),
    )
    op.create_index(
        "ix_auth_sessions_live",
        "auth_sessions",
        ["tenant_id", "expires_at"],
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index("ix_auth_sessions_user", "auth_sessions", ["tenant_id", "user_id", "created_at"])


def _create_account_tokens() -> None:
    op.create_table(
        "account_tokens",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("role_key", sa.String(), nullable=True),
        sa.Column("platforms", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "platforms <@ ARRAY['bizosaas', 'bizoholic', 'coreldove', 'bizosaas-admin']::text[]",
            name=op.f("ck_account_tokens_platforms_known"),
        ),
        sa.CheckConstraint(
            "purpose <> 'invite' OR role_key IS NOT NULL", name=op.f("ck_account_tokens_invite_names_role")
        ),
        sa.CheckConstraint(
            "purpose <> 'reset' OR user_id IS NOT NULL", name=op.f("ck_account_tokens_reset_names_user")
        ),
        sa.CheckConstraint("purpose IN ('invite', 'reset')", name=op.f("ck_account_tokens_purpose_known")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_account_tokens_expires_after_creation")),
        sa.ForeignKeyConstraint(["role_key"], ["roles.key"], name="fk_account_tokens_role_key", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_account_tokens_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_account_tokens_tenant_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_account_tokens"),
    )
    op.create_index("ix_account_tokens_email", "account_tokens", ["tenant_id", "email", "purpose", "created_at"])


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_api_keys_has_a_scope")),
        sa.CheckConstraint(
            "expires_at IS NULL OR expires_at > created_at", name=op.f("ck_api_keys_expires_after_creation")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by"],
            ["users.tenant_id", "users.id"],
            name="fk_api_keys_tenant_id_created_by",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_api_keys_tenant_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_api_keys"),
    )
    op.create_index("ix_api_keys_list", "api_keys", ["tenant_id", "created_at", "id"])


def upgrade() -> None:
    _create_auth_sessions()
    _create_account_tokens()
    _create_api_keys()
    for table, rights in _RIGHTS.items():
        for statement in rls.protect(table, rights):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("api_keys")
    op.drop_table("account_tokens")
    op.drop_table("auth_sessions")
