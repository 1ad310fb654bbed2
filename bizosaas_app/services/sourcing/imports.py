"""Imports: a file is compared, and then written in a few statements however many rows it has.

What each row was before stands in `import_changes`, so that an import can be undone (`undoing.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import audit
from bizosaas_app.services.sourcing import diffs, stock
from bizosaas_app.services.sourcing.diffs import Diff, RowDiff, Stock
from bizosaas_app.services.sourcing.files import Sheet
from models import ImportBatch

_PRODUCTS: Final = text("""
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
        id uuid, row integer, sku text, name text, description text, category text, weight_kg numeric
    )
), written AS (
    INSERT INTO products (tenant_id, id, sku, name, description, category, weight_kg, created_at, updated_at)
    SELECT :tenant_id, id, sku, name, description, category, weight_kg, :now, :now FROM wanted
    ON CONFLICT (tenant_id, sku) DO UPDATE SET
        name = excluded.name, description = excluded.description, category = excluded.category,
        weight_kg = excluded.weight_kg, updated_at = excluded.updated_at
    RETURNING *
)
INSERT INTO import_changes (tenant_id, batch_id, target_id, kind, row, label, before, after)
SELECT :tenant_id, :batch_id, written.id, 'product', wanted.row, written.sku, to_jsonb(old), to_jsonb(written)
FROM written JOIN wanted ON wanted.sku = written.sku LEFT JOIN products old ON old.id = written.id
""")
"""`old` is read as it was before the statement."""

_OFFERS: Final = text("""
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
        id uuid, row integer, product_id uuid, sku text, supplier text, currency text, unit_price numeric,
        price_breaks jsonb, freight numeric, order_fees numeric, duty_rate numeric, minimum_order integer,
        lead_time_days integer, defect_rate numeric, on_time_rate numeric
    )
), written AS (
    INSERT INTO supplier_offers (
        tenant_id, id, product_id, supplier, currency, unit_price, price_breaks, freight, order_fees, duty_rate,
        minimum_order, lead_time_days, defect_rate, on_time_rate, created_at, updated_at
    )
    SELECT
        :tenant_id, id, product_id, supplier, currency, unit_price, price_breaks, freight, order_fees, duty_rate,
        minimum_order, lead_time_days, defect_rate, on_time_rate, :now, :now
    FROM wanted
    ON CONFLICT (tenant_id, product_id, supplier) DO UPDATE SET
        currency = excluded.currency, unit_price = excluded.unit_price, price_breaks = excluded.price_breaks,
        freight = excluded.freight, order_fees = excluded.order_fees, duty_rate = excluded.duty_rate,
        minimum_order = excluded.minimum_order, lead_time_days = excluded.lead_time_days,
        defect_rate = excluded.defect_rate, on_time_rate = excluded.on_time_rate, updated_at = excluded.updated_at
    RETURNING *
)
INSERT INTO import_changes (tenant_id, batch_id, target_id, kind, row, label, before, after)
SELECT
    :tenant_id, :batch_id, written.id, 'offer', wanted.row, wanted.sku || ', ' || written.supplier, to_jsonb(old),
    to_jsonb(written)
FROM written
JOIN wanted ON wanted.product_id = written.product_id AND wanted.supplier = written.supplier
LEFT JOIN supplier_offers old ON old.id = written.id
""")


@dataclass(frozen=True, slots=True)
class Applied:
    """An import that was written, and what became of each row."""

    batch: ImportBatch
    diff: Diff


async def preview(session: AsyncSession, sheet: Sheet) -> Diff:
    """Give what `apply` would do now; writes nothing."""
    return await _compare(sheet, await _stock_of(session, sheet))


async def apply(
    session: AsyncSession, actor: Actor, sheet: Sheet, *, file_name: str, content: bytes, now: datetime
) -> Applied:
    """Write what is new and what has changed; rows that are refused are left out.

    The same file a second time finds every row unchanged and writes none.
    """
    await stock.hold(session, actor.tenant_id)
    known = await _stock_of(session, sheet)
    diff = await _compare(sheet, known)
    batch = _batch(actor, diff, file_name, content, now)
    session.add(batch)
    await session.flush()
    values = {"tenant_id": actor.tenant_id, "batch_id": batch.id, "now": now}
    products, offers = _written(diff, known)
    if products:
        await session.execute(_PRODUCTS, values | {"rows": _json(products)})
    if offers:
        await session.execute(_OFFERS, values | {"rows": _json(offers)})
    await audit.record(
        session, actor, action="sourcing.imported", subject=f"import:{batch.id}", detail=dict(diff.counts)
    )
    return Applied(batch, diff)


async def _compare(sheet: Sheet, known: Stock) -> Diff:
    # In a thread: a large file would keep everybody else of this process waiting.
    return await asyncio.to_thread(diffs.compare, sheet, known)


async def _stock_of(session: AsyncSession, sheet: Sheet) -> Stock:
    return await stock.read(session, {line.values["sku"] for line in sheet.lines if "sku" in line.values})


def _batch(actor: Actor, diff: Diff, file_name: str, content: bytes, now: datetime) -> ImportBatch:
    counts = diff.counts
    return ImportBatch(
        tenant_id=actor.tenant_id,
        file_name=file_name,
        digest=hashlib.sha256(content).hexdigest(),
        applied_by=actor.user_id,
        applied_at=now,
        rows_new=counts["new"],
        rows_changed=counts["changed"],
        rows_unchanged=counts["unchanged"],
        rows_refused=counts["refused"],
    )


def _written(diff: Diff, known: Stock) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Give the products and the offers that are to be written, each with the id that it has or gets."""
    ids: dict[str, UUID] = {sku: item.id for sku, item in known.products.items()}
    products: list[Mapping[str, Any]] = []
    offers: list[Mapping[str, Any]] = []
    told: set[str] = set()
    for item in diff.rows:
        if item.verdict not in ("new", "changed"):
            continue
        if item.sku not in told and _differs(item, known):
            told.add(item.sku)
            ids.setdefault(item.sku, new_id())
            products.append({"id": ids[item.sku], "row": item.row, "sku": item.sku, **item.product})
        if (old := known.offers.get((item.sku, item.supplier))) is None or _changed(old.fields, item.offer):
            offers.append(_offer(item, ids[item.sku], new_id() if old is None else old.id))
    return products, offers


def _offer(item: RowDiff, product_id: UUID, offer_id: UUID) -> Mapping[str, Any]:
    names = {"row": item.row, "sku": item.sku, "supplier": item.supplier}
    return {"id": offer_id, "product_id": product_id, **names, **item.offer}


def _differs(item: RowDiff, known: Stock) -> bool:
    old = known.products.get(item.sku)
    return old is None or _changed(old.fields, item.product)


def _changed(old: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    return any(old[name] != value for name, value in fields.items())


def _json(rows: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps(list(rows), default=_plain, separators=(",", ":"))


def _plain(value: object) -> str:
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no value of a file")
