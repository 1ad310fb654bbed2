"""Product sourcing: products, suppliers' offers, imports with what they changed, price rules, publications.

Revision 0024, after 0023.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models import rls

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TABLES = (
    "products",
    "supplier_offers",
    "import_batches",
    "import_changes",
    "price_rules",
    "sourcings",
    "product_publications",
    "catalogue_items",
)


def _create_products() -> None:
    op.create_table(
        "products",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("weight_kg", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(sku) BETWEEN 1 AND 64", name=op.f("ck_products_sku_has_a_length")),
        sa.CheckConstraint("weight_kg >= 0", name=op.f("ck_products_weight_not_negative")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_products_tenant_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_products")),
        sa.UniqueConstraint("tenant_id", "sku", name=op.f("uq_products_tenant_id_sku")),
    )
    op.create_index("ix_products_list", "products", ["tenant_id", "created_at", "id"])


def _create_supplier_offers() -> None:
    op.create_table(
        "supplier_offers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("price_breaks", postgresql.JSONB(), nullable=False),
        sa.Column("freight", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("order_fees", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("duty_rate", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("minimum_order", sa.Integer(), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("defect_rate", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("on_time_rate", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_supplier_offers_currency_is_iso_4217")),
        sa.CheckConstraint(
            "jsonb_typeof(price_breaks) = 'array'", name=op.f("ck_supplier_offers_price_breaks_is_array")
        ),
        sa.CheckConstraint(
            "defect_rate BETWEEN 0 AND 100 AND on_time_rate BETWEEN 0 AND 100",
            name=op.f("ck_supplier_offers_rates_are_percent"),
        ),
        sa.CheckConstraint("duty_rate BETWEEN 0 AND 1000", name=op.f("ck_supplier_offers_duty_in_range")),
        sa.CheckConstraint("lead_time_days BETWEEN 0 AND 3650", name=op.f("ck_supplier_offers_lead_time_in_range")),
        sa.CheckConstraint("minimum_order >= 1", name=op.f("ck_supplier_offers_minimum_order_is_one_or_more")),
        sa.CheckConstraint(
            "unit_price >= 0 AND freight >= 0 AND order_fees >= 0", name=op.f("ck_supplier_offers_amounts_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products.tenant_id", "products.id"],
            name=op.f("fk_supplier_offers_tenant_id_product_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_supplier_offers")),
        sa.UniqueConstraint(
            "tenant_id", "product_id", "supplier", name=op.f("uq_supplier_offers_tenant_id_product_id_supplier")
        ),
    )
    op.create_index("ix_supplier_offers_latest", "supplier_offers", ["tenant_id", "updated_at"])


def _create_import_batches() -> None:
    op.create_table(
        "import_batches",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("rows_new", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("rows_refused", sa.Integer(), nullable=False),
        sa.Column("kept", postgresql.JSONB(), nullable=False),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_import_batches_undoing_has_a_time")
        ),
        sa.CheckConstraint("jsonb_typeof(kept) = 'array'", name=op.f("ck_import_batches_kept_is_array")),
        sa.CheckConstraint("status IN ('applied', 'undone')", name=op.f("ck_import_batches_status_known")),
        sa.CheckConstraint(
            "rows_new >= 0 AND rows_changed >= 0 AND rows_unchanged >= 0 AND rows_refused >= 0",
            name=op.f("ck_import_batches_counts_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "applied_by"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_import_batches_tenant_id_applied_by"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "undone_by"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_import_batches_tenant_id_undone_by"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_import_batches_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_import_batches")),
    )
    op.create_index("ix_import_batches_list", "import_batches", ["tenant_id", "applied_at", "id"])


def _create_import_changes() -> None:
    op.create_table(
        "import_changes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(after) = 'object'", name=op.f("ck_import_changes_after_is_object")),
        sa.CheckConstraint("jsonb_typeof(before) = 'object'", name=op.f("ck_import_changes_before_is_object")),
        sa.CheckConstraint("kind IN ('product', 'offer')", name=op.f("ck_import_changes_kind_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "batch_id"],
            ["import_batches.tenant_id", "import_batches.id"],
            name=op.f("fk_import_changes_tenant_id_batch_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "batch_id", "target_id", name=op.f("pk_import_changes")),
    )


def _create_price_rules() -> None:
    op.create_table(
        "price_rules",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tiers", postgresql.JSONB(), nullable=False),
        sa.Column("floor_amount", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("floor_percent", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("ending", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(tiers) = 'array'", name=op.f("ck_price_rules_tiers_is_array")),
        sa.CheckConstraint("ending >= 0 AND ending < 1", name=op.f("ck_price_rules_ending_is_a_fraction")),
        sa.CheckConstraint("floor_amount >= 0 AND floor_percent >= 0", name=op.f("ck_price_rules_floor_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_price_rules_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_price_rules")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_price_rules_tenant_id_name")),
    )


def _create_sourcings() -> None:
    op.create_table(
        "sourcings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("customs_basis", sa.String(), nullable=False),
        sa.Column("rates", postgresql.JSONB(), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_sourcings_currency_is_iso_4217")),
        sa.CheckConstraint("customs_basis IN ('cif', 'fob')", name=op.f("ck_sourcings_customs_basis_known")),
        sa.CheckConstraint("jsonb_typeof(rates) = 'object'", name=op.f("ck_sourcings_rates_is_object")),
        sa.CheckConstraint("jsonb_typeof(rule) = 'object'", name=op.f("ck_sourcings_rule_is_object")),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_sourcings_quantity_is_one_or_more")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "asked_by"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_sourcings_tenant_id_asked_by"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_sourcings_tenant_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sourcings")),
        sa.UniqueConstraint("tenant_id", "draft_id", name=op.f("uq_sourcings_tenant_id_draft_id")),
    )
    op.create_index("ix_sourcings_list", "sourcings", ["tenant_id", "created_at", "id"])


def _create_product_publications() -> None:
    op.create_table(
        "product_publications",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sourcing_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("keywords", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("price", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("landed_cost", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("floor_price", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'done') = (published_at IS NOT NULL)", name=op.f("ck_product_publications_end_has_a_time")
        ),
        sa.CheckConstraint(
            "(state IN ('pending', 'running')) = (next_at IS NOT NULL)",
            name=op.f("ck_product_publications_open_has_a_next_time"),
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_product_publications_currency_is_iso_4217")),
        sa.CheckConstraint(
            "destination IN ('catalogue', 'shop')", name=op.f("ck_product_publications_destination_known")
        ),
        sa.CheckConstraint(
            "state <> 'failed' OR failure IS NOT NULL", name=op.f("ck_product_publications_failure_has_a_reason")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'running', 'done', 'failed')", name=op.f("ck_product_publications_state_known")
        ),
        sa.CheckConstraint(
            "0 <= landed_cost AND landed_cost <= floor_price",
            name=op.f("ck_product_publications_floor_covers_the_cost"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_product_publications_attempts_not_negative")),
        sa.CheckConstraint("price >= floor_price", name=op.f("ck_product_publications_price_not_below_the_floor")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products.tenant_id", "products.id"],
            name=op.f("fk_product_publications_tenant_id_product_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sourcing_id"],
            ["sourcings.tenant_id", "sourcings.id"],
            name=op.f("fk_product_publications_tenant_id_sourcing_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_product_publications")),
        sa.UniqueConstraint(
            "tenant_id",
            "sourcing_id",
            "product_id",
            name=op.f("uq_product_publications_tenant_id_sourcing_id_product_id"),
        ),
    )
    op.create_index(
        "ix_product_publications_due",
        "product_publications",
        ["tenant_id", "next_at"],
        postgresql_where=sa.text("state IN ('pending', 'running')"),
    )
    op.create_index("ix_product_publications_product", "product_publications", ["tenant_id", "product_id", "id"])


def _create_catalogue_items() -> None:
    op.create_table(
        "catalogue_items",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("keywords", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("price", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_catalogue_items_currency_is_iso_4217")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_catalogue_items_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products.tenant_id", "products.id"],
            name=op.f("fk_catalogue_items_tenant_id_product_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "publication_id"],
            ["product_publications.tenant_id", "product_publications.id"],
            name=op.f("fk_catalogue_items_tenant_id_publication_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "product_id", name=op.f("pk_catalogue_items")),
    )


def upgrade() -> None:
    _create_products()
    _create_supplier_offers()
    _create_import_batches()
    _create_import_changes()
    _create_price_rules()
    _create_sourcings()
    _create_product_publications()
    _create_catalogue_items()
    for table in _TABLES:
        for statement in rls.protect(table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
