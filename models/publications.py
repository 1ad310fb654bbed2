"""Price rules, finished sourcings, and what they publish: to the connected shop or to a catalogue of our own."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from bizosaas_app.kernel.clock import utc_now
from models.base import (
    AMOUNT,
    CURRENCY,
    JSON,
    TEXTS,
    TenantModel,
    TenantScoped,
    belongs_to,
    belongs_to_tenant,
    currency_code,
    json_is,
    one_of,
)

CUSTOMS_BASES: Final = ("cif", "fob")
STATES: Final = ("pending", "running", "done", "failed")
DESTINATIONS: Final = ("catalogue", "shop")


class PriceRule(TenantModel, table=True):
    """How a price follows from the landed cost; whatever its tiers say, never below that cost and the floor on it."""

    __tablename__ = "price_rules"
    __table_args__ = (
        belongs_to_tenant(),
        UniqueConstraint("tenant_id", "name"),
        json_is("tiers", "array"),
        CheckConstraint("floor_amount >= 0 AND floor_percent >= 0", name="floor_not_negative"),
        CheckConstraint("ending >= 0 AND ending < 1", name="ending_is_a_fraction"),
    )

    name: str
    tiers: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`[{from, markup}]` by rising landed cost: from this cost on, so many percent on top."""
    floor_amount: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    """What must be earned on a unit at least, in the tenant's currency."""
    floor_percent: Decimal = Field(default=Decimal(0), sa_type=AMOUNT)
    """The same in percent of the landed cost; the larger of the two counts."""
    ending: Decimal | None = Field(default=None, sa_type=AMOUNT)
    """Prices are raised until they end so, such as 0.99."""
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)


class Sourcing(TenantModel, table=True):
    """A finished product sourcing: on what terms its products were chosen and priced. One for each draft."""

    __tablename__ = "sourcings"
    __table_args__ = (
        belongs_to_tenant(),
        belongs_to("users", "asked_by"),
        UniqueConstraint("tenant_id", "draft_id"),
        currency_code(),
        one_of("customs_basis", CUSTOMS_BASES),
        json_is("rates", "object"),
        json_is("rule", "object"),
        CheckConstraint("quantity >= 1", name="quantity_is_one_or_more"),
        Index("ix_sourcings_list", "tenant_id", "created_at", "id"),
    )

    draft_id: UUID
    title: str
    quantity: int
    """Units of each product that are to be ordered; the landed cost is that of so many."""
    currency: str = Field(sa_type=CURRENCY)
    customs_basis: str = "cif"
    rates: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    """The supplier's currency -> what one unit of it costs in `currency`."""
    rule: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """The price rule as it was then."""
    asked_by: UUID | None = None
    created_at: datetime = Field(default_factory=utc_now)


class Publication(TenantModel, table=True):
    """One product's way to the shop, with the listing as it is published. Once for each draft and product."""

    __tablename__ = "product_publications"
    __table_args__ = (
        belongs_to("sourcings", "sourcing_id"),
        belongs_to("products", "product_id"),
        UniqueConstraint("tenant_id", "sourcing_id", "product_id"),
        one_of("state", STATES),
        one_of("destination", DESTINATIONS),
        currency_code(),
        CheckConstraint("0 <= landed_cost AND landed_cost <= floor_price", name="floor_covers_the_cost"),
        CheckConstraint("price >= floor_price", name="price_not_below_the_floor"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        CheckConstraint("(state = 'done') = (published_at IS NOT NULL)", name="end_has_a_time"),
        CheckConstraint("state <> 'failed' OR failure IS NOT NULL", name="failure_has_a_reason"),
        CheckConstraint("(state IN ('pending', 'running')) = (next_at IS NOT NULL)", name="open_has_a_next_time"),
        Index("ix_product_publications_product", "tenant_id", "product_id", "id"),
        Index(
            "ix_product_publications_due",
            "tenant_id",
            "next_at",
            postgresql_where=text("state IN ('pending', 'running')"),
        ),
    )

    sourcing_id: UUID
    product_id: UUID
    sku: str
    supplier: str
    title: str
    description: str = ""
    keywords: list[str] = Field(default_factory=list, sa_type=TEXTS)
    price: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(sa_type=CURRENCY)
    landed_cost: Decimal = Field(sa_type=AMOUNT)
    floor_price: Decimal = Field(sa_type=AMOUNT)
    """Landed cost and the rule's floor: the price is never below it."""
    state: str = "pending"
    destination: str = "catalogue"
    attempts: int = 0
    next_at: datetime | None = Field(default_factory=utc_now)
    """When it may be tried (again); while it runs, when whoever runs it counts as dead."""
    failure: str | None = None
    """Why the last attempt failed; it stays while the next one is awaited."""
    external_id: str | None = None
    """What the shop calls it."""
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now)
    published_at: datetime | None = None


class CatalogueItem(TenantScoped, table=True):
    """A product in our own catalogue, which stands in for the shop where none is connected."""

    __tablename__ = "catalogue_items"
    __table_args__ = (
        belongs_to("products", "product_id"),
        belongs_to("product_publications", "publication_id"),
        currency_code(),
        CheckConstraint("price >= 0", name="price_not_negative"),
    )

    product_id: UUID = Field(primary_key=True)
    publication_id: UUID
    """What brought it here; a later one is never replaced by an earlier one."""
    sku: str
    title: str
    description: str = ""
    keywords: list[str] = Field(default_factory=list, sa_type=TEXTS)
    price: Decimal = Field(sa_type=AMOUNT)
    currency: str = Field(sa_type=CURRENCY)
    published_at: datetime = Field(default_factory=utc_now)
