"""Accounts at payment providers, the checks on them, and the events they send.

Revision 0025, after 0024.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_READ = ("tenant_id", "id", "public_id")

_FIND = """
CREATE FUNCTION app.find_payment_account(public_id text, OUT tenant_id uuid, OUT account_id uuid) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT p.tenant_id, p.id
    FROM public.payment_accounts p JOIN public.tenants t ON t.id = p.tenant_id
    WHERE p.public_id = $1 AND t.status = 'active'
$$
"""


def upgrade() -> None:
    _create_accounts()
    _create_checks()
    _create_events()
    for table in ("payment_accounts", "payment_checks", "payment_events"):
        for statement in rls.protect(table):
            op.execute(statement)
    for statement in rls.open_door("payment_accounts", _READ):
        op.execute(statement)
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    op.execute(_FIND)
    op.execute("GRANT EXECUTE ON FUNCTION app.find_payment_account(text) TO bizosaas_app")
    op.execute("ALTER FUNCTION app.find_payment_account(text) OWNER TO bizosaas_doors")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")


def _create_accounts() -> None:
    op.create_table(
        "payment_accounts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("credentials_id", sa.Uuid(), nullable=True),
        sa.Column("hints", postgresql.JSONB(), nullable=False),
        sa.Column("identity", sa.String(), nullable=True),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("webhook_state", sa.String(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=True),
        sa.Column("webhook_failure", sa.String(), nullable=True),
        sa.Column("event_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_events", sa.Integer(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_payment_accounts_country_is_iso_3166")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_payment_accounts_currency_is_iso_4217")),
        sa.CheckConstraint("jsonb_typeof(hints) = 'object'", name=op.f("ck_payment_accounts_hints_is_object")),
        sa.CheckConstraint("mode IN ('test', 'live')", name=op.f("ck_payment_accounts_mode_known")),
        sa.CheckConstraint(
            "provider IN ('stripe', 'paypal', 'razorpay')", name=op.f("ck_payment_accounts_provider_known")
        ),
        sa.CheckConstraint(
            "public_id ~ '^[A-Za-z0-9_-]{20,}$'", name=op.f("ck_payment_accounts_public_id_is_url_safe")
        ),
        sa.CheckConstraint(
            "state <> 'active' OR (activated_at IS NOT NULL AND webhook_state = 'registered')",
            name=op.f("ck_payment_accounts_active_is_registered"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (verified_at IS NOT NULL AND credentials_id IS NOT NULL)",
            name=op.f("ck_payment_accounts_verified_has_credentials"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'verified', 'active', 'inactive')", name=op.f("ck_payment_accounts_state_known")
        ),
        sa.CheckConstraint(
            "webhook_state IN ('not_attempted', 'registered', 'failed')",
            name=op.f("ck_payment_accounts_webhook_state_known"),
        ),
        sa.CheckConstraint("round >= 1 AND refused_events >= 0", name=op.f("ck_payment_accounts_counts_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_payment_accounts_tenant_id_created_by"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_payment_accounts_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payment_accounts")),
        sa.UniqueConstraint("tenant_id", "draft_id", name=op.f("uq_payment_accounts_tenant_id_draft_id")),
        sa.UniqueConstraint("tenant_id", "public_id", name=op.f("uq_payment_accounts_tenant_id_public_id")),
    )
    op.create_index("ix_payment_accounts_list", "payment_accounts", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index("ix_payment_accounts_public_id", "payment_accounts", ["public_id"], unique=False)


def _create_checks() -> None:
    op.create_table(
        "payment_checks",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("action_url", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'refund') = (payment_id IS NOT NULL)", name=op.f("ck_payment_checks_refund_has_a_payment")
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_payment_checks_currency_is_iso_4217")),
        sa.CheckConstraint("kind IN ('webhook', 'payment', 'refund')", name=op.f("ck_payment_checks_kind_known")),
        sa.CheckConstraint(
            "state <> 'failed' OR failure IS NOT NULL", name=op.f("ck_payment_checks_failed_has_a_reason")
        ),
        sa.CheckConstraint(
            "state <> 'running' OR claimed_at IS NOT NULL", name=op.f("ck_payment_checks_running_is_claimed")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'running', 'waiting', 'passed', 'failed')", name=op.f("ck_payment_checks_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('waiting', 'passed') OR reference IS NOT NULL", name=op.f("ck_payment_checks_known_there")
        ),
        sa.CheckConstraint("amount >= 0 AND attempts >= 0", name=op.f("ck_payment_checks_counts_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["payment_accounts.tenant_id", "payment_accounts.id"],
            name=op.f("fk_payment_checks_tenant_id_account_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["payment_checks.tenant_id", "payment_checks.id"],
            name=op.f("fk_payment_checks_tenant_id_payment_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payment_checks")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_payment_checks_tenant_id_key")),
    )
    op.create_index(
        "ix_payment_checks_latest", "payment_checks", ["tenant_id", "account_id", "kind", "created_at"], unique=False
    )
    op.create_index(
        "uq_payment_checks_open",
        "payment_checks",
        ["tenant_id", "account_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('pending', 'running', 'waiting')"),
    )


def _create_events() -> None:
    op.create_table(
        "payment_events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("provider_event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["payment_accounts.tenant_id", "payment_accounts.id"],
            name=op.f("fk_payment_events_tenant_id_account_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payment_events")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "digest", name=op.f("uq_payment_events_tenant_id_account_id_digest")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "account_id",
            "provider_event_id",
            name=op.f("uq_payment_events_tenant_id_account_id_provider_event_id"),
        ),
    )
    op.create_index(
        "ix_payment_events_list", "payment_events", ["tenant_id", "account_id", "received_at"], unique=False
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION app.find_payment_account(text)")
    for table in ("payment_events", "payment_checks", "payment_accounts"):
        op.drop_table(table)
