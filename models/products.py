"""Products, what suppliers ask for them, and the imports that brought both, with what each import changed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import (
    AMOUNT,
    CURRENCY,
    JSON,
    TenantModel,
    TenantScoped,
    belongs_to,
    belongs_to_tenant,
    currency_code,
    json_is,
    one_of,
)

IMPORT_STATUSES: Final = ("applied", "undone")
CHANGED_KINDS: Final = ("product", "offer")


class Product(TenantModel, table=True):
    """A product that is sold or might be; its `sku` is its name in files."""

    __tablename__ = "products"
    __table_args__ = (
        belongs_to_tenant(),
        UniqueConstraint("tenant_id", "sku"),
        CheckConstraint("length(sku) BETWEEN 1 AND 64", name="sku_has_a_length"),
        CheckConstraint("weight_kg >= 0", name="weight_not_negative"),
        Index("ix_products_list", "tenant_id", "created_at", "id"),
    )

    sku: str
    name: str
    description: str = ""
    category: str = ""
    weight_kg: Decimal | None = Field(default=None, sa_type=AMOUNT)
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)


class SupplierOffer(TenantModel, table=True):
    """What one supplier asks for a product; amounts are in the supplier's currency."""

    __tablename__ = "supplier_offers"
    __table_args__ = (
        belongs_to("products", "product_id"),
        UniqueConstraint("tenant_id", "product_id", "supplier"),
        currency_code(),
        json_is("price_breaks", "array"),
        CheckConstraint("unit_price >= 0 AND freight >= 0 AND order_fees >= 0", name="amounts_not_negative"),
        CheckConstraint("duty_rate BETWEEN 0 AND 1000", name="duty_in_range"),
        CheckConstraint("minimum_order >= 1", name="minimum_order_is_one_or_more"),
        CheckConstraint("lead_time_days BETWEEN 0 AND 3650", name="lead_time_in_range"),
        CheckConstraint(
            "defect_rate BETWEEN 0 AND 100 AND on_time_rate BETWEEN 0 AND 100",
            name="rates_are_percent",
        ),
        Index("ix_supplier_offers_latest", "tenant_id", "updated_at"),
    )

    product_id: UUID
    supplier: str
    currency: str = Field(sa_type=CURRENCY)
    unit_price: Decimal = Field(sa_type=AMOUNT)
    price_breaks: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`[{from, unit_price}]` by rising quantity: from so many units on, each costs this."""
    freight: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    """Carriage and insurance of one unit up to the border."""
    order_fees: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    """Clearance, terminal and bank charges of one order, whatever its size."""
    duty_rate: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    """Percent of the customs value."""
    minimum_order: int = 1
    lead_time_days: int | None = None
    defect_rate: Decimal | None = Field(default=None, sa_type=AMOUNT)
    """Percent of the units that are faulty, where that is known."""
    on_time_rate: Decimal | None = Field(default=None, sa_type=AMOUNT)
    """Percent of the orders that came in time, where that is known."""
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)


class ImportBatch(TenantModel, table=True):
    """One file that was imported; `import_changes` holds what it wrote."""

    __tablename__ = "import_batches"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "applied_by"),
        belongs_to("users", "undone_by"),
        one_of("status", IMPORT_STATUSES),
        json_is("kept", "array"),
        CheckConstraint(
            "rows_new >= 0 AND rows_changed >= 0 AND rows_unchanged >= 0 AND rows_refused >= 0",
            name="counts_not_negative",
        ),
        CheckConstraint("(status = 'undone') = (undone_at IS NOT NULL)", name="undoing_has_a_time"),
        Index("ix_import_batches_list", "tenant_id", "applied_at", "id"),
    )

    file_name: str
    digest: str
    """SHA-256 of the file, in hexadecimal."""
    status: str = "applied"
    rows_new: int
    rows_changed: int
    rows_unchanged: int
    rows_refused: int
    kept: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`[{row, label, reason}]`: what undoing left as it was, because it had changed since."""
    applied_by: UUID | None = None
    applied_at: datetime = Field(default_factory=utc_now)
    undone_by: UUID | None = None
    undone_at: datetime | None = None


class ImportChange(TenantScoped, table=True):
    """A product or an offer before and after an import; one that the import made has no before."""

    __tablename__ = "import_changes"
    __table_args__ = (
        belongs_to("import_batches", "batch_id"),
        one_of("kind", CHANGED_KINDS),
        json_is("before", "object"),
        json_is("after", "object"),
    )

    batch_id: UUID = Field(primary_key=True)
    target_id: UUID = Field(primary_key=True)
    kind: str
    row: int
    """Where it stands in the file; the header is row 1."""
    label: str
    """The product's SKU, and for an offer its supplier, as people know them."""
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    after: dict[str, Any] = Field(sa_type=JSON)
