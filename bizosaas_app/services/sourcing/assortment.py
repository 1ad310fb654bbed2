"""The assortment: every product with how many offers it has, and with what was last asked to be published of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import SQLColumnExpression
from sqlalchemy import select as select_any
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services import sheets
from bizosaas_app.services.sheets import Asked, Sheet
from models import Product, Publication, SupplierOffer

UNPUBLISHED: Final = "unpublished"
"""The state of a product that nobody has asked to be published."""
_ORDERS: Final[Mapping[str, SQLColumnExpression[Any]]] = {
    "sku": col(Product.sku),
    "name": col(Product.name),
    "created_at": col(Product.created_at),
}
_COLUMNS: Final[tuple[Any, ...]] = (Product, Publication)
_LATEST: Final = (
    select(Publication.id)
    .where(col(Publication.product_id) == col(Product.id))
    .order_by(col(Publication.id).desc())
    .limit(1)
    .correlate(Product)
    .scalar_subquery()
)
"""Ids rise with time, and the catalogue keeps what has the highest."""


@dataclass(frozen=True, slots=True)
class Line:
    """A product, how many suppliers offer it, and its latest publication."""

    product: Product
    offers: int
    latest: Publication | None


async def read(session: AsyncSession, asked: Asked, *, words: str, state: str | None) -> Sheet[Line]:
    """Give a page of the products whose SKU, name or category has the words in it, in one state or any.

    Raises `InputInvalid` for an unknown `sort`.
    """
    query = select_any(*_COLUMNS).select_from(Product).outerjoin(Publication, col(Publication.id) == _LATEST)
    if words:
        query = query.where(sheets.containing(words, col(Product.sku), col(Product.name), col(Product.category)))
    if state == UNPUBLISHED:
        query = query.where(col(Publication.id).is_(None))
    elif state is not None:
        query = query.where(col(Publication.state) == state)
    sheet = await sheets.read_rows(session, query, asked, orders=_ORDERS, row_id=col(Product.id))
    found: list[tuple[Product, Publication | None]] = [tuple(row[: len(_COLUMNS)]) for row in sheet.rows]
    counts = await _count_offers(session, [product.id for product, _ in found])
    lines = [Line(product, counts.get(product.id, 0), latest) for product, latest in found]
    return Sheet(lines, sheet.next_place, sheet.total)


async def _count_offers(session: AsyncSession, product_ids: Sequence[UUID]) -> dict[UUID, int]:
    query = (
        select(SupplierOffer.product_id, func.count())
        .where(col(SupplierOffer.product_id).in_(product_ids))
        .group_by(col(SupplierOffer.product_id))
    )
    return dict((await session.exec(query)).all())
