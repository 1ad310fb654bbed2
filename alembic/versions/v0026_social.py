"""Social accounts, campaigns with their posts, and the approvals of clients.

Revision 0026, after 0025.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TABLES = ("social_accounts", "social_campaigns", "social_posts", "social_approvals")
_NETWORKS = "'x', 'linkedin', 'instagram', 'facebook', 'mastodon', 'bluesky', 'pinterest', 'youtube'"


def upgrade() -> None:
    _create_accounts()
    _create_campaigns()
    _create_posts()
    _create_approvals()
    for table in _TABLES:
        for statement in rls.protect(table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_accounts() -> None:
    table = "social_accounts"
    op.create_table(
        table,
        *_identity(),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("secret_name", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("character_limit", sa.Integer(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        _time("checked_at", nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        _time("created_at"),
        _time("updated_at"),
        _check(table, "network_known", f"network IN ({_NETWORKS})"),
        _check(table, "status_known", "status IN ('unchecked', 'connected', 'failed', 'removed')"),
        _check(table, "character_limit_positive", "character_limit > 0"),
        _check(table, "removed_keeps_no_secret", "(status = 'removed') = (secret_name IS NULL)"),
        _tenant(table),
        _reference(table, "created_by", "users"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}"),
    )
    op.create_index(
        "uq_social_accounts_handle",
        table,
        ["tenant_id", "network", "base_url", "handle"],
        unique=True,
        postgresql_where=sa.text("status <> 'removed'"),
    )


def _create_campaigns() -> None:
    table = "social_campaigns"
    op.create_table(
        table,
        *_identity(),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("gap_minutes", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        _time("launched_at"),
        _time("ended_at", nullable=True),
        _time("updated_at"),
        _check(
            table,
            "state_known",
            "state IN ('waiting', 'changes_asked', 'running', 'paused', 'done', 'cancelled')",
        ),
        _check(table, "gap_sensible", "gap_minutes BETWEEN 1 AND 1440"),
        _check(table, "end_has_a_time", "(state IN ('done', 'cancelled')) = (ended_at IS NOT NULL)"),
        _tenant(table),
        _reference(table, "created_by", "users"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}"),
        sa.UniqueConstraint("tenant_id", "draft_id", name=f"uq_{table}_tenant_id_draft_id"),
    )
    op.create_index("ix_social_campaigns_list", table, ["tenant_id", "launched_at", "id"])


def _create_posts() -> None:
    table = "social_posts"
    op.create_table(
        table,
        *_identity(),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("media_url", sa.String(), nullable=True),
        sa.Column("hashtags", postgresql.ARRAY(sa.Text()), nullable=False),
        _time("scheduled_at"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _time("next_at"),
        _time("claimed_at", nullable=True),
        _time("unclear_since", nullable=True),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("remote_url", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        _time("published_at", nullable=True),
        _time("updated_at"),
        _check(table, "state_known", "state IN ('pending', 'running', 'done', 'failed', 'cancelled')"),
        _check(table, "numbers_sensible", "attempts >= 0 AND position >= 1"),
        _check(table, "done_has_a_time", "(state = 'done') = (published_at IS NOT NULL)"),
        _check(table, "running_has_a_claim", "(state = 'running') = (claimed_at IS NOT NULL)"),
        _check(table, "failed_says_why", "state <> 'failed' OR failure IS NOT NULL"),
        _reference(table, "campaign_id", "social_campaigns"),
        _reference(table, "account_id", "social_accounts"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}"),
        sa.UniqueConstraint("tenant_id", "campaign_id", "position", name=f"uq_{table}_tenant_id_campaign_id_position"),
    )
    op.create_index(
        "ix_social_posts_due",
        table,
        ["tenant_id", "next_at"],
        postgresql_where=sa.text("state IN ('pending', 'running')"),
    )


def _create_approvals() -> None:
    table = "social_approvals"
    op.create_table(
        table,
        *_identity(),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("client_name", sa.String(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        _time("created_at"),
        _time("expires_at"),
        _time("revoked_at", nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        _time("decided_at", nullable=True),
        _check(table, "decision_known", "decision IN ('approved', 'changes')"),
        _check(table, "expires_after_creation", "expires_at > created_at"),
        _check(table, "decision_has_a_time", "(decision IS NULL) = (decided_at IS NULL)"),
        _check(table, "changes_say_which", "decision <> 'changes' OR comment <> ''"),
        _reference(table, "campaign_id", "social_campaigns"),
        _reference(table, "created_by", "users"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}"),
    )
    op.create_index("ix_social_approvals_campaign", table, ["tenant_id", "campaign_id", "created_at"])


def _identity() -> list[sa.Column[Any]]:
    return [sa.Column("tenant_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)]


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _check(table: str, name: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(words, name=op.f(f"ck_{table}_{name}"))


def _tenant(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=f"fk_{table}_tenant_id", ondelete="RESTRICT")


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=f"fk_{table}_tenant_id_{column}",
        ondelete="RESTRICT",
    )
