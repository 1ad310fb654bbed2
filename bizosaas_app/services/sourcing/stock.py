"""The stock of products and offers: one writer at a time, and read as a file's rows are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.sourcing.columns import OFFER_FIELDS, PRODUCT_FIELDS
from bizosaas_app.services.sourcing.diffs import Known, Stock
from models import Product, SupplierOffer

_HOLD: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")

_PRODUCTS: Final[list[Any]] = [Product.id, Product.sku, *(getattr(Product, name) for name in PRODUCT_FIELDS)]
_OFFERS: Final[list[Any]] = [
    SupplierOffer.id,
    SupplierOffer.supplier,
    *(getattr(SupplierOffer, name) for name in OFFER_FIELDS),
]


async def hold(session: AsyncSession, tenant_id: UUID) -> None:
    """Let nobody else of the tenant write products or offers until the transaction ends.

    An import is compared with what stands there, so that must not move while it is written.
    """
    await session.execute(_HOLD, {"name": f"sourcing:{tenant_id}"})


async def read(session: AsyncSession, skus: Collection[str]) -> Stock:
    """Give the products of these SKUs with all their offers."""
    wanted = {"skus": list(skus)}
    products = await session.execute(select(*_PRODUCTS).where(_named()), wanted)
    offers = await session.execute(_with_sku().where(_named()), wanted)
    return Stock(
        {row.sku: Known(row.id, row._mapping) for row in products},  # type: ignore[arg-type]  # keyed by name
        {(row.sku, row.supplier): Known(row.id, row._mapping) for row in offers},  # type: ignore[arg-type]
    )


async def list_rows(session: AsyncSession) -> list[Mapping[str, Any]]:
    """Give every offer with its product, by SKU and supplier, by the names of the file's columns."""
    columns: list[Any] = [Product.sku, *(getattr(Product, name) for name in PRODUCT_FIELDS), *_OFFERS[1:]]
    query = select(*columns).join(SupplierOffer, col(SupplierOffer.product_id) == col(Product.id))
    found = await session.execute(query.order_by(col(Product.sku), col(SupplierOffer.supplier)))
    return [dict(row._mapping) for row in found]


def _named() -> Any:
    # One array, however many SKUs: a list of parameters would be planned anew for each length of it.
    return text("products.sku = ANY(CAST(:skus AS text[]))")


def _with_sku() -> Select[Any]:
    columns: list[Any] = [Product.sku, *_OFFERS]
    return select(*columns).join(Product, col(Product.id) == col(SupplierOffer.product_id))
