"""Referrals: clicks, sign-ups, rewards and tier moves, and what programmes, codes and conversions know more.

Revision 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_RIGHTS = {
    "referral_clicks": rls.ALL,
    "referral_sign_ups": rls.ALL,
    "reward_entries": rls.APPEND,
    "tier_moves": rls.APPEND,
}
_AMOUNT = sa.Numeric(precision=20, scale=4)

# A default for the rows that are there, taken away again below: the application always says what it means.
_COLUMNS = {
    "referral_programs": (
        sa.Column("minimum_order", _AMOUNT, nullable=True),
        sa.Column("points_per_approval", _AMOUNT, nullable=False, server_default="100"),
    ),
    "referral_codes": (sa.Column("user_agent", sa.String(), nullable=True),),
    "referral_conversions": (
        sa.Column("reward_reason", sa.String(), nullable=True),
        sa.Column("content", sa.String(), nullable=False, server_default=""),
        sa.Column("answer", postgresql.JSONB(), nullable=False, server_default="{}"),
    ),
}
_CHECKS = {
    ("referral_programs", "minimum_order_not_negative"): "minimum_order IS NULL OR minimum_order >= 0",
    ("referral_programs", "points_not_negative"): "points_per_approval >= 0",
    ("referral_conversions", "answer_is_object"): "jsonb_typeof(answer) = 'object'",
}


def _references(table: str, *columns: tuple[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{target}.tenant_id", f"{target}.id"],
            name=f"fk_{table}_tenant_id_{column}",
            ondelete="RESTRICT",
        )
        for column, target in columns
    ]


def _create_referral_clicks() -> None:
    op.create_table(
        "referral_clicks",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("visitor", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("is_self", sa.Boolean(), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("repeats >= 0", name=op.f("ck_referral_clicks_repeats_not_negative")),
        sa.CheckConstraint(
            "NOT (is_counted AND (is_self OR is_bot))", name=op.f("ck_referral_clicks_only_visitors_count")
        ),
        *_references("referral_clicks", ("program_id", "referral_programs"), ("code_id", "referral_codes")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_referral_clicks"),
    )
    op.create_index("ix_referral_clicks_visitor", "referral_clicks", ["tenant_id", "code_id", "visitor", "clicked_at"])
    op.create_index(
        "ix_referral_clicks_code",
        "referral_clicks",
        ["tenant_id", "code_id", "clicked_at"],
        postgresql_where=sa.text("is_counted"),
    )
    op.create_index(
        "ix_referral_clicks_time",
        "referral_clicks",
        ["tenant_id", "clicked_at"],
        postgresql_where=sa.text("is_counted"),
    )


def _create_referral_sign_ups() -> None:
    op.create_table(
        "referral_sign_ups",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("referrer_user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_references(
            "referral_sign_ups",
            ("user_id", "users"),
            ("referrer_user_id", "users"),
            ("code_id", "referral_codes"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name="pk_referral_sign_ups"),
    )
    op.create_index(
        "ix_referral_sign_ups_referrer", "referral_sign_ups", ["tenant_id", "referrer_user_id", "created_at"]
    )


def _create_reward_entries() -> None:
    op.create_table(
        "reward_entries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("conversion_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", _AMOUNT, nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('earned', 'clawback', 'payout')", name=op.f("ck_reward_entries_kind_known")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_reward_entries_currency_is_iso_4217")),
        sa.CheckConstraint(
            "(kind = 'earned') = (amount > 0) AND amount <> 0",
            name=op.f("ck_reward_entries_amount_has_the_sign_of_its_kind"),
        ),
        sa.CheckConstraint(
            "kind = 'payout' OR conversion_id IS NOT NULL", name=op.f("ck_reward_entries_movement_names_conversion")
        ),
        *_references(
            "reward_entries",
            ("program_id", "referral_programs"),
            ("user_id", "users"),
            ("conversion_id", "referral_conversions"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_reward_entries"),
    )
    op.create_index(
        "ix_reward_entries_account", "reward_entries", ["tenant_id", "user_id", "program_id", "created_at", "id"]
    )
    op.create_index("ix_reward_entries_program", "reward_entries", ["tenant_id", "program_id", "kind"])
    op.create_index("ix_reward_entries_conversion", "reward_entries", ["tenant_id", "conversion_id"])


def _create_tier_moves() -> None:
    op.create_table(
        "tier_moves",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("conversion_id", sa.Uuid(), nullable=False),
        sa.Column("from_tier", sa.String(), nullable=True),
        sa.Column("to_tier", sa.String(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_tier IS DISTINCT FROM to_tier", name=op.f("ck_tier_moves_tiers_differ")),
        *_references(
            "tier_moves",
            ("program_id", "referral_programs"),
            ("user_id", "users"),
            ("conversion_id", "referral_conversions"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_tier_moves"),
    )
    op.create_index("ix_tier_moves_member", "tier_moves", ["tenant_id", "user_id", "program_id", "moved_at", "id"])


def upgrade() -> None:
    for table, columns in _COLUMNS.items():
        # FORCE would hide the rows from the checks below (see models/rls.py).
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        for column in columns:
            op.add_column(table, column.copy())
            if column.server_default is not None:
                op.alter_column(table, column.name, server_default=None)
    for (table, name), rule in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    for table in _COLUMNS:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    _create_referral_clicks()
    _create_referral_sign_ups()
    _create_reward_entries()
    _create_tier_moves()
    for table, rights in _RIGHTS.items():
        for statement in rls.protect(table, rights):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(_RIGHTS):
        op.drop_table(table)
    for table, name in reversed(_CHECKS):
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table, columns in _COLUMNS.items():
        for column in columns:
            op.drop_column(table, column.name)
