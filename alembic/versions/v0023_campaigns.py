"""Campaigns, their channels and every single send; the kind of notices that campaigns are.

Revision 0023, after 0022.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TABLES = ("campaigns", "campaign_channels", "campaign_sends")
_KINDS = ("unlock", "rank_change", "conversion", "reward", "hold", "season", "system")
_KIND_KNOWN = "ck_notification_preferences_kind_known"


def _create_campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("audience", postgresql.JSONB(), nullable=False),
        sa.Column("schedule", postgresql.JSONB(), nullable=False),
        sa.Column("budget", sa.Numeric(20, 4), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("launched_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('active', 'paused', 'completed', 'cancelled')", name=op.f("ck_campaigns_status_known")
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_campaigns_currency_is_iso_4217")),
        sa.CheckConstraint("jsonb_typeof(audience) = 'object'", name=op.f("ck_campaigns_audience_is_object")),
        sa.CheckConstraint("jsonb_typeof(schedule) = 'object'", name=op.f("ck_campaigns_schedule_is_object")),
        sa.CheckConstraint("budget >= 0", name=op.f("ck_campaigns_budget_not_negative")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_campaigns_span_in_order")),
        sa.CheckConstraint(
            "(status IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)", name=op.f("ck_campaigns_end_has_a_time")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_campaigns_tenant_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "launched_by"],
            ["users.tenant_id", "users.id"],
            name="fk_campaigns_tenant_id_launched_by",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_campaigns"),
        sa.UniqueConstraint("tenant_id", "draft_id", name="uq_campaigns_tenant_id_draft_id"),
    )
    op.create_index("ix_campaigns_list", "campaigns", ["tenant_id", "created_at", "id"])


def _create_channels() -> None:
    op.create_table(
        "campaign_channels",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("budget", sa.Numeric(20, 4), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('email', 'webhook', 'notice', 'console')", name=op.f("ck_campaign_channels_kind_known")
        ),
        sa.CheckConstraint("jsonb_typeof(content) = 'object'", name=op.f("ck_campaign_channels_content_is_object")),
        sa.CheckConstraint("budget >= 0", name=op.f("ck_campaign_channels_budget_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaigns.tenant_id", "campaigns.id"],
            name="fk_campaign_channels_tenant_id_campaign_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_campaign_channels"),
        sa.UniqueConstraint("tenant_id", "campaign_id", "kind", name="uq_campaign_channels_tenant_id_campaign_id_kind"),
    )


def _create_sends() -> None:
    op.create_table(
        "campaign_sends",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'running', 'sent', 'failed', 'skipped', 'cancelled')",
            name=op.f("ck_campaign_sends_status_known"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_campaign_sends_attempts_not_negative")),
        sa.CheckConstraint(
            "(status = 'running') = (claimed_at IS NOT NULL)", name=op.f("ck_campaign_sends_claim_has_a_time")
        ),
        sa.CheckConstraint(
            "(status = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_campaign_sends_delivery_has_a_time")
        ),
        sa.CheckConstraint(
            "status NOT IN ('failed', 'skipped') OR reason IS NOT NULL",
            name=op.f("ck_campaign_sends_no_delivery_has_a_reason"),
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{table}.tenant_id", f"{table}.id"],
                name=f"fk_campaign_sends_tenant_id_{column}",
                ondelete="RESTRICT",
            )
            for column, table in (
                ("campaign_id", "campaigns"),
                ("channel_id", "campaign_channels"),
                ("user_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_campaign_sends"),
        sa.UniqueConstraint(
            "tenant_id", "channel_id", "user_id", name="uq_campaign_sends_tenant_id_channel_id_user_id"
        ),
    )
    pending, running = sa.text("status = 'pending'"), sa.text("status = 'running'")
    op.create_index("ix_campaign_sends_due", "campaign_sends", ["tenant_id", "due_at", "id"], postgresql_where=pending)
    op.create_index(
        "ix_campaign_sends_running", "campaign_sends", ["tenant_id", "claimed_at"], postgresql_where=running
    )
    op.create_index("ix_campaign_sends_list", "campaign_sends", ["tenant_id", "campaign_id", "status", "id"])
    op.create_index("ix_campaign_sends_person", "campaign_sends", ["tenant_id", "user_id", "due_at"])


def _allow_kinds(*kinds: str) -> None:
    words = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f(_KIND_KNOWN), "notification_preferences")
    op.create_check_constraint(op.f(_KIND_KNOWN), "notification_preferences", f"kind IN ({words})")


def upgrade() -> None:
    _create_campaigns()
    _create_channels()
    _create_sends()
    for table in _TABLES:
        for statement in rls.protect(table):
            op.execute(statement)
    _allow_kinds(*_KINDS, "campaign")


def downgrade() -> None:
    op.execute("ALTER TABLE notification_preferences NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM notification_preferences WHERE kind = 'campaign'")
    op.execute("ALTER TABLE notification_preferences FORCE ROW LEVEL SECURITY")
    _allow_kinds(*_KINDS)
    for table in reversed(_TABLES):
        op.drop_table(table)
