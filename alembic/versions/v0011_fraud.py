"""Fraud detection: what is known of identities, and the keyed signals between tenants.

Revision 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models import rls

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS = {
    "email_key": sa.String(),
    "email_stem": sa.String(),
    "network": sa.String(),
    "agent_key": sa.String(),
    "evidence": sa.Integer(),
}

_REPORT = """
CREATE FUNCTION app.report_signal(kind text, hash text, outcome text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    me uuid := app.tenant_id();
BEGIN
    IF me IS NULL THEN
        RAISE EXCEPTION 'a signal is reported in the context of a tenant' USING ERRCODE = '42501';
    END IF;
    IF NOT EXISTS (SELECT FROM public.fraud_settings f WHERE f.tenant_id = me AND f.shares_signals) THEN
        RETURN false;
    END IF;
    -- A person's word stands over the engine's own suspicion.
    INSERT INTO app.network_signals AS s (kind, hash, tenant_id, outcome, reported_at)
    VALUES ($1, $2, me, $3, now())
    ON CONFLICT ON CONSTRAINT pk_network_signals DO UPDATE
        SET outcome = CASE WHEN excluded.outcome = 'suspected' THEN s.outcome ELSE excluded.outcome END,
            reported_at = excluded.reported_at;
    RETURN true;
END $$
"""

_ASK = """
CREATE FUNCTION app.network_signal(kinds text[], hashes text[])
RETURNS TABLE (kind text, tenants integer, confirmed integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    me uuid := app.tenant_id();
BEGIN
    -- Tells nothing of a single tenant's mere suspicion: two tenants, or one case that a person confirmed.
    RETURN QUERY
    SELECT s.kind::text, count(DISTINCT s.tenant_id)::integer,
        (count(DISTINCT s.tenant_id) FILTER (WHERE s.outcome = 'confirmed'))::integer
    FROM unnest($1, $2) AS asked (kind, hash)
    JOIN app.network_signals s ON s.kind = asked.kind AND s.hash = asked.hash
    JOIN public.fraud_settings f ON f.tenant_id = s.tenant_id AND f.shares_signals
    WHERE s.tenant_id <> me AND s.outcome IN ('suspected', 'confirmed')
        AND s.reported_at > now() - interval '365 days'
        AND EXISTS (SELECT FROM public.fraud_settings mine WHERE mine.tenant_id = me AND mine.shares_signals)
    GROUP BY s.kind
    HAVING count(DISTINCT s.tenant_id) >= 2 OR bool_or(s.outcome = 'confirmed');
END $$
"""

_WITHDRAW = """
CREATE FUNCTION app.withdraw_signals() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    gone integer;
BEGIN
    DELETE FROM app.network_signals s WHERE s.tenant_id = app.tenant_id();
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$
"""

_DOORS = {
    "report_signal(text, text, text)": _REPORT,
    "network_signal(text[], text[])": _ASK,
    "withdraw_signals()": _WITHDRAW,
}

_SIGNAL_COLUMNS = ("kind", "hash", "tenant_id", "outcome", "reported_at")
_DOOR_POLICIES = {
    "door_changes": ("UPDATE", "USING (true) WITH CHECK (true)"),
    "door_removes": ("DELETE", "USING (true)"),
}


def upgrade() -> None:
    _create_referral_identities()
    _create_fraud_settings()
    _create_network_signals()
    for table in ("referral_identities", "fraud_settings"):
        for statement in rls.protect(table, rls.privileges_of(table)):
            op.execute(statement)
    for name, kind in _COLUMNS.items():
        op.add_column("referral_conversions", sa.Column(name, kind, nullable=True))
    for name in ("email_key", "email_stem", "network"):
        op.create_index(f"ix_referral_conversions_{name}", "referral_conversions", ["tenant_id", name, "occurred_at"])
    op.create_index(
        "ix_referral_conversions_recent", "referral_conversions", ["tenant_id", "referrer_user_id", "occurred_at"]
    )
    _open_doors()


def _create_referral_identities() -> None:
    op.create_table(
        "referral_identities",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('device', 'payment', 'address', 'email')", name=op.f("ck_referral_identities_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_referral_identities_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "kind", "value", name="pk_referral_identities"),
    )
    op.create_index("ix_referral_identities_value", "referral_identities", ["tenant_id", "kind", "value"])


def _create_fraud_settings() -> None:
    op.create_table(
        "fraud_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("review_threshold", sa.Integer(), nullable=True),
        sa.Column("block_threshold", sa.Integer(), nullable=True),
        sa.Column("shares_signals", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(review_threshold IS NULL) = (block_threshold IS NULL)",
            name=op.f("ck_fraud_settings_thresholds_come_together"),
        ),
        sa.CheckConstraint(
            "0 <= review_threshold AND review_threshold <= block_threshold AND block_threshold <= 101",
            name=op.f("ck_fraud_settings_thresholds_in_order"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_fraud_settings_tenant_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "updated_by"],
            ["users.tenant_id", "users.id"],
            name="fk_fraud_settings_tenant_id_updated_by",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_fraud_settings"),
    )


def _create_network_signals() -> None:
    op.create_table(
        "network_signals",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('device', 'payment', 'email')", name=op.f("ck_network_signals_kind_known")),
        sa.CheckConstraint(
            "outcome IN ('suspected', 'confirmed', 'cleared')", name=op.f("ck_network_signals_outcome_known")
        ),
        sa.PrimaryKeyConstraint("kind", "hash", "tenant_id", name="pk_network_signals"),
        schema="app",
    )
    op.create_index("ix_network_signals_tenant", "network_signals", ["tenant_id"], schema="app")


def _open_doors() -> None:
    for statement in rls.open_door("fraud_settings", ("tenant_id", "shares_signals")):
        op.execute(statement)
    signals = "app.network_signals"
    for statement in (*rls.seal(signals), *rls.open_door(signals, _SIGNAL_COLUMNS, may_insert=True)):
        op.execute(statement)
    for name, (verb, rule) in _DOOR_POLICIES.items():
        op.execute(f"CREATE POLICY {name} ON {signals} FOR {verb} TO {rls.DOORS_ROLE} {rule}")
    op.execute(f"GRANT UPDATE (outcome, reported_at), DELETE ON {signals} TO {rls.DOORS_ROLE}")
    op.execute("GRANT CREATE ON SCHEMA app TO bizosaas_doors")
    for signature, definition in _DOORS.items():
        op.execute(definition)
        op.execute(f"GRANT EXECUTE ON FUNCTION app.{signature} TO {rls.APP_ROLE}")
        op.execute(f"ALTER FUNCTION app.{signature} OWNER TO {rls.DOORS_ROLE}")
    op.execute("REVOKE CREATE ON SCHEMA app FROM bizosaas_doors")


def downgrade() -> None:
    for signature in reversed(_DOORS):
        op.execute(f"DROP FUNCTION app.{signature}")
    op.drop_table("network_signals", schema="app")
    op.drop_index("ix_referral_conversions_recent", "referral_conversions")
    for name in reversed(_COLUMNS):
        op.drop_column("referral_conversions", name)
    op.drop_table("fraud_settings")
    op.drop_table("referral_identities")
