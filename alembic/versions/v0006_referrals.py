"""Referral programmes, codes and conversions.

Revision 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_RIGHTS = {
    "referral_programs": rls.ALL,
    "referral_codes": rls.ALL,
    "referral_conversions": rls.ALL,
}


def _create_referral_programs() -> None:
    op.create_table(
        "referral_programs",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("landing_url", sa.String(), nullable=False),
        sa.Column("attribution_window_days", sa.Integer(), nullable=False),
        sa.Column("attribution_model", sa.String(), nullable=False),
        sa.Column("qualifying_event", sa.String(), nullable=False),
        sa.Column("tiers", postgresql.JSONB(), nullable=False),
        sa.Column("reward_kind", sa.String(), nullable=False),
        sa.Column("reward_sides", sa.String(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("hold_days", sa.Integer(), nullable=False),
        sa.Column("min_payout", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("spend_cap", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("is_fraud_checked", sa.Boolean(), nullable=False),
        sa.Column("review_threshold", sa.Integer(), nullable=False),
        sa.Column("block_threshold", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "attribution_model IN ('last_click', 'first_click')",
            name=op.f("ck_referral_programs_attribution_model_known"),
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_referral_programs_currency_is_iso_4217")),
        sa.CheckConstraint("jsonb_typeof(tiers) = 'array'", name=op.f("ck_referral_programs_tiers_is_array")),
        sa.CheckConstraint(
            "platform IN ('bizosaas', 'bizoholic', 'coreldove', 'bizosaas-admin')",
            name=op.f("ck_referral_programs_platform_known"),
        ),
        sa.CheckConstraint(
            "reward_kind IN ('cash', 'credit', 'points')", name=op.f("ck_referral_programs_reward_kind_known")
        ),
        sa.CheckConstraint(
            "reward_sides IN ('single', 'double')", name=op.f("ck_referral_programs_reward_sides_known")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'paused', 'archived')", name=op.f("ck_referral_programs_status_known")
        ),
        sa.CheckConstraint(
            "0 <= review_threshold AND review_threshold <= block_threshold AND block_threshold <= 101",
            name=op.f("ck_referral_programs_thresholds_in_order"),
        ),
        sa.CheckConstraint(
            "attribution_window_days BETWEEN 1 AND 365", name=op.f("ck_referral_programs_attribution_window_in_range")
        ),
        sa.CheckConstraint("hold_days BETWEEN 0 AND 365", name=op.f("ck_referral_programs_hold_in_range")),
        sa.CheckConstraint(
            "min_payout >= 0 AND (spend_cap IS NULL OR spend_cap >= 0)",
            name=op.f("ck_referral_programs_money_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name="fk_referral_programs_tenant_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_referral_programs"),
    )
    op.create_index("ix_referral_programs_list", "referral_programs", ["tenant_id", "created_at", "id"])
    op.create_index(
        "uq_referral_programs_default",
        "referral_programs",
        ["tenant_id", "platform"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )


def _create_referral_codes() -> None:
    op.create_table(
        "referral_codes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("is_vanity", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("device_hash", sa.String(), nullable=True),
        sa.Column("payment_hash", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('active', 'disabled')", name=op.f("ck_referral_codes_status_known")),
        sa.CheckConstraint(
            "code = upper(code) AND length(code) BETWEEN 4 AND 32", name=op.f("ck_referral_codes_code_is_normal")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "program_id"],
            ["referral_programs.tenant_id", "referral_programs.id"],
            name="fk_referral_codes_tenant_id_program_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_referral_codes_tenant_id_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_referral_codes"),
        sa.UniqueConstraint("tenant_id", "code", name="uq_referral_codes_tenant_id_code"),
    )
    op.create_index("ix_referral_codes_user", "referral_codes", ["tenant_id", "user_id", "created_at"])
    op.create_index(
        "uq_referral_codes_own",
        "referral_codes",
        ["tenant_id", "program_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("NOT is_vanity"),
    )


def _create_referral_conversions() -> None:
    op.create_table(
        "referral_conversions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("referrer_user_id", sa.Uuid(), nullable=False),
        sa.Column("referred_user_id", sa.Uuid(), nullable=True),
        sa.Column("referred_email", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("click_id", sa.String(), nullable=True),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_value", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("ip_address", sa.String(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("device_hash", sa.String(), nullable=True),
        sa.Column("payment_hash", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("fraud_score", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("fraud_decision", sa.String(), nullable=False),
        sa.Column("fraud_reasons", postgresql.JSONB(), nullable=False),
        sa.Column("fraud_inputs", postgresql.JSONB(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("reward_tier", sa.String(), nullable=True),
        sa.Column("reward_kind", sa.String(), nullable=False),
        sa.Column("reward_value", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("reward_status", sa.String(), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_note", sa.String(), nullable=True),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'reversed') = (reversed_at IS NOT NULL)",
            name=op.f("ck_referral_conversions_reversal_has_a_time"),
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_referral_conversions_currency_is_iso_4217")),
        sa.CheckConstraint(
            "fraud_decision IN ('allow', 'review', 'block')", name=op.f("ck_referral_conversions_fraud_decision_known")
        ),
        sa.CheckConstraint(
            "jsonb_typeof(fraud_inputs) = 'object'", name=op.f("ck_referral_conversions_fraud_inputs_is_object")
        ),
        sa.CheckConstraint(
            "jsonb_typeof(fraud_reasons) = 'array'", name=op.f("ck_referral_conversions_fraud_reasons_is_array")
        ),
        sa.CheckConstraint(
            "reward_kind IN ('cash', 'credit', 'points')", name=op.f("ck_referral_conversions_reward_kind_known")
        ),
        sa.CheckConstraint(
            "reward_status <> 'held' OR hold_until IS NOT NULL", name=op.f("ck_referral_conversions_held_has_an_end")
        ),
        sa.CheckConstraint(
            "reward_status IN ('none', 'held', 'payable', 'paid', 'clawed_back')",
            name=op.f("ck_referral_conversions_reward_status_known"),
        ),
        sa.CheckConstraint(
            "status IN ('approved', 'pending_review', 'rejected', 'reversed')",
            name=op.f("ck_referral_conversions_status_known"),
        ),
        sa.CheckConstraint(
            "(reviewed_at IS NULL) = (reviewed_by IS NULL)", name=op.f("ck_referral_conversions_review_is_signed")
        ),
        sa.CheckConstraint("fraud_score BETWEEN 0 AND 100", name=op.f("ck_referral_conversions_fraud_score_in_range")),
        sa.CheckConstraint(
            "order_value >= 0 AND reward_value >= 0", name=op.f("ck_referral_conversions_money_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "code_id"],
            ["referral_codes.tenant_id", "referral_codes.id"],
            name="fk_referral_conversions_tenant_id_code_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "program_id"],
            ["referral_programs.tenant_id", "referral_programs.id"],
            name="fk_referral_conversions_tenant_id_program_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "referred_user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_referral_conversions_tenant_id_referred_user_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "referrer_user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_referral_conversions_tenant_id_referrer_user_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reviewed_by"],
            ["users.tenant_id", "users.id"],
            name="fk_referral_conversions_tenant_id_reviewed_by",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_referral_conversions"),
        sa.UniqueConstraint("tenant_id", "external_id", name="uq_referral_conversions_tenant_id_external_id"),
    )
    op.create_index(
        "ix_referral_conversions_address", "referral_conversions", ["tenant_id", "ip_address", "occurred_at"]
    )
    op.create_index("ix_referral_conversions_code", "referral_conversions", ["tenant_id", "code_id", "occurred_at"])
    op.create_index("ix_referral_conversions_device", "referral_conversions", ["tenant_id", "device_hash"])
    op.create_index("ix_referral_conversions_email", "referral_conversions", ["tenant_id", "referred_email"])
    op.create_index(
        "ix_referral_conversions_held",
        "referral_conversions",
        ["tenant_id", "hold_until"],
        postgresql_where=sa.text("reward_status = 'held'"),
    )
    op.create_index("ix_referral_conversions_list", "referral_conversions", ["tenant_id", "created_at", "id"])
    op.create_index("ix_referral_conversions_payment", "referral_conversions", ["tenant_id", "payment_hash"])
    op.create_index(
        "ix_referral_conversions_program", "referral_conversions", ["tenant_id", "program_id", "status", "occurred_at"]
    )
    op.create_index(
        "ix_referral_conversions_referrer",
        "referral_conversions",
        ["tenant_id", "referrer_user_id", "status", "occurred_at"],
    )
    op.create_index("ix_referral_conversions_status", "referral_conversions", ["tenant_id", "status", "created_at"])


def _create_referral_code_names() -> None:
    op.create_table(
        "referral_code_names",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("code = upper(code)", name=op.f("ck_referral_code_names_code_is_normal")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "code_id"],
            ["referral_codes.tenant_id", "referral_codes.id"],
            name="fk_referral_code_names_tenant_id_code_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("code", name="pk_referral_code_names"),
        schema="app",
    )
    op.create_index("ix_referral_code_names_code_id", "referral_code_names", ["tenant_id", "code_id"], schema="app")


def upgrade() -> None:
    _create_referral_programs()
    _create_referral_codes()
    _create_referral_conversions()
    _create_referral_code_names()
    for table, rights in _RIGHTS.items():
        for statement in rls.protect(table, rights):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("referral_code_names", schema="app")
    op.drop_table("referral_conversions")
    op.drop_table("referral_codes")
    op.drop_table("referral_programs")
