"""Showcase portfolios and their daily figures.

Revision 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_RIGHTS = {
    "showcase_portfolios": rls.ALL,
    "portfolio_metrics": rls.ALL,
}


def _create_showcase_portfolios() -> None:
    op.create_table(
        "showcase_portfolios",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_user_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sections", postgresql.JSONB(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("consents", postgresql.JSONB(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("image_path", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unpublished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(consents) = 'object'", name=op.f("ck_showcase_portfolios_consents_is_object")),
        sa.CheckConstraint("jsonb_typeof(figures) = 'array'", name=op.f("ck_showcase_portfolios_figures_is_array")),
        sa.CheckConstraint("jsonb_typeof(sections) = 'array'", name=op.f("ck_showcase_portfolios_sections_is_array")),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 100",
            name=op.f("ck_showcase_portfolios_slug_is_url_safe"),
        ),
        sa.CheckConstraint(
            "status <> 'published' OR published_at IS NOT NULL",
            name=op.f("ck_showcase_portfolios_published_has_a_time"),
        ),
        sa.CheckConstraint(
            "status IN ('generating', 'failed', 'draft', 'published', 'unpublished')",
            name=op.f("ck_showcase_portfolios_status_known"),
        ),
        sa.CheckConstraint(
            "template IN ('case_study', 'before_after')", name=op.f("ck_showcase_portfolios_template_known")
        ),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_showcase_portfolios_period_in_order")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_user_id"],
            ["users.tenant_id", "users.id"],
            name="fk_showcase_portfolios_tenant_id_owner_user_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_showcase_portfolios"),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_showcase_portfolios_tenant_id_slug"),
    )
    op.create_index("ix_showcase_portfolios_list", "showcase_portfolios", ["tenant_id", "created_at", "id"])
    op.create_index("ix_showcase_portfolios_owner", "showcase_portfolios", ["tenant_id", "owner_user_id", "created_at"])


def _create_portfolio_metrics() -> None:
    op.create_table(
        "portfolio_metrics",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("portfolio_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("shares", sa.Integer(), nullable=False),
        sa.Column("referral_clicks", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "views >= 0 AND visitors >= 0 AND shares >= 0 AND referral_clicks >= 0",
            name=op.f("ck_portfolio_metrics_counts_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "portfolio_id"],
            ["showcase_portfolios.tenant_id", "showcase_portfolios.id"],
            name="fk_portfolio_metrics_tenant_id_portfolio_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "portfolio_id", "day", name="pk_portfolio_metrics"),
    )
    op.create_index("ix_portfolio_metrics_day", "portfolio_metrics", ["tenant_id", "day"])


def _create_showcase_slugs() -> None:
    op.create_table(
        "showcase_slugs",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("portfolio_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "portfolio_id"],
            ["showcase_portfolios.tenant_id", "showcase_portfolios.id"],
            name="fk_showcase_slugs_tenant_id_portfolio_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("slug", name="pk_showcase_slugs"),
        schema="app",
    )
    op.create_index("ix_showcase_slugs_portfolio", "showcase_slugs", ["tenant_id", "portfolio_id"], schema="app")


def upgrade() -> None:
    _create_showcase_portfolios()
    _create_portfolio_metrics()
    _create_showcase_slugs()
    for table, rights in _RIGHTS.items():
        for statement in rls.protect(table, rights):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("showcase_slugs", schema="app")
    op.drop_table("portfolio_metrics")
    op.drop_table("showcase_portfolios")
