"""Reading: products, offers, imports, sourcings with their publications, and our own catalogue, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import SQLColumnExpression
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.services import sheets
from bizosaas_app.services.sheets import Asked, Sheet
from models import CatalogueItem, ImportBatch, Product, Publication, Sourcing, SupplierOffer

_PRODUCT_ORDERS: Final[Mapping[str, SQLColumnExpression[Any]]] = {
    "sku": col(Product.sku),
    "name": col(Product.name),
    "created_at": col(Product.created_at),
}
_OFFER_ORDERS: Final[Mapping[str, SQLColumnExpression[Any]]] = {
    "supplier": col(SupplierOffer.supplier),
    "updated_at": col(SupplierOffer.updated_at),
}
_PUBLICATION_ORDERS: Final[Mapping[str, SQLColumnExpression[Any]]] = {
    "created_at": col(Publication.created_at),
    "sku": col(Publication.sku),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A sourcing, and how many of its publications are in each state."""

    row: Sourcing
    states: Mapping[str, int]


async def list_products(session: AsyncSession, asked: Asked, *, words: str, category: str | None) -> Sheet[Product]:
    """Give a page of the products; `words` are looked for in SKU, name and category."""
    query = select(Product)
    if words:
        query = query.where(sheets.containing(words, col(Product.sku), col(Product.name), col(Product.category)))
    if category is not None:
        query = query.where(Product.category == category)
    return await sheets.read(session, query, asked, orders=_PRODUCT_ORDERS, row_id=col(Product.id))


async def list_offers(
    session: AsyncSession, asked: Asked, *, words: str, product_id: UUID | None
) -> Sheet[SupplierOffer]:
    """Give a page of the offers, of one product or all; `words` are looked for in the supplier."""
    query = select(SupplierOffer)
    if words:
        query = query.where(sheets.containing(words, col(SupplierOffer.supplier)))
    if product_id is not None:
        query = query.where(SupplierOffer.product_id == product_id)
    return await sheets.read(session, query, asked, orders=_OFFER_ORDERS, row_id=col(SupplierOffer.id))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product with the currencies that it is offered in."""

    id: UUID
    sku: str
    name: str
    currencies: tuple[str, ...]


async def list_candidates(session: AsyncSession, *, limit: int) -> list[Candidate]:
    """Give the products whose offers changed last, by SKU."""
    latest = select(SupplierOffer.product_id).order_by(col(SupplierOffer.updated_at).desc()).limit(limit).subquery()
    query = (
        select(Product.id, Product.sku, Product.name, func.array_agg(func.distinct(SupplierOffer.currency)))
        .join(SupplierOffer, col(SupplierOffer.product_id) == col(Product.id))
        .where(col(Product.id).in_(select(latest.c.product_id)))
        .group_by(col(Product.id), col(Product.sku), col(Product.name))
        .order_by(col(Product.sku))
    )
    return [Candidate(row[0], row[1], row[2], tuple(sorted(row[3]))) for row in (await session.exec(query)).all()]


async def skus_of(session: AsyncSession, product_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Give the SKU of each product."""
    query = select(Product.id, Product.sku).where(col(Product.id).in_(product_ids))
    return dict((await session.exec(query)).all())


async def list_imports(session: AsyncSession, asked: Asked) -> Sheet[ImportBatch]:
    """Give a page of the imports."""
    orders: Mapping[str, SQLColumnExpression[Any]] = {"applied_at": col(ImportBatch.applied_at)}
    return await sheets.read(session, select(ImportBatch), asked, orders=orders, row_id=col(ImportBatch.id))


async def get_import(session: AsyncSession, batch_id: UUID) -> ImportBatch:
    """Give an import, or raise `NotFound`."""
    row = (await session.exec(select(ImportBatch).where(ImportBatch.id == batch_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such import")
    return row


async def list_sourcings(session: AsyncSession, asked: Asked) -> Sheet[Sourcing]:
    """Give a page of the finished sourcings."""
    orders: Mapping[str, SQLColumnExpression[Any]] = {"created_at": col(Sourcing.created_at)}
    return await sheets.read(session, select(Sourcing), asked, orders=orders, row_id=col(Sourcing.id))


async def get_sourcing(session: AsyncSession, sourcing_id: UUID) -> Sourcing:
    """Give a finished sourcing, or raise `NotFound`."""
    row = (await session.exec(select(Sourcing).where(Sourcing.id == sourcing_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such sourcing")
    return row


async def stages(session: AsyncSession, rows: Sequence[Sourcing]) -> list[Stage]:
    """Give each sourcing with the states of its publications."""
    query = (
        select(Publication.sourcing_id, Publication.state, func.count())
        .where(col(Publication.sourcing_id).in_([row.id for row in rows]))
        .group_by(col(Publication.sourcing_id), col(Publication.state))
    )
    counts: dict[UUID, Counter[str]] = {}
    for sourcing_id, state, count in (await session.exec(query)).all():
        counts.setdefault(sourcing_id, Counter())[state] = count
    return [Stage(row, counts.get(row.id, Counter())) for row in rows]


async def list_publications(
    session: AsyncSession, asked: Asked, *, sourcing_id: UUID | None, state: str | None
) -> Sheet[Publication]:
    """Give a page of the publications, of one sourcing or all, in one state or any."""
    query = select(Publication)
    if sourcing_id is not None:
        query = query.where(Publication.sourcing_id == sourcing_id)
    if state is not None:
        query = query.where(Publication.state == state)
    return await sheets.read(session, query, asked, orders=_PUBLICATION_ORDERS, row_id=col(Publication.id))


async def list_catalogue(session: AsyncSession, asked: Asked, *, words: str) -> Sheet[CatalogueItem]:
    """Give a page of our own catalogue; `words` are looked for in SKU and title."""
    query = select(CatalogueItem)
    if words:
        query = query.where(sheets.containing(words, col(CatalogueItem.sku), col(CatalogueItem.title)))
    orders: Mapping[str, SQLColumnExpression[Any]] = {
        "sku": col(CatalogueItem.sku),
        "published_at": col(CatalogueItem.published_at),
    }
    return await sheets.read(session, query, asked, orders=orders, row_id=col(CatalogueItem.product_id))


async def newest_items(session: AsyncSession, *, limit: int) -> list[CatalogueItem]:
    """Give what came into our own catalogue last, the newest before the others."""
    query = select(CatalogueItem).order_by(col(CatalogueItem.published_at).desc(), col(CatalogueItem.product_id))
    return list((await session.exec(query.limit(limit))).all())


async def products_of(session: AsyncSession, product_ids: Sequence[UUID]) -> list[Product]:
    """Give the products of these ids, in their order; one that is gone is left out."""
    found = {row.id: row for row in (await session.exec(select(Product).where(col(Product.id).in_(product_ids)))).all()}
    return [found[item] for item in product_ids if item in found]
