"""Undoing an import: each row becomes what it was before, to the last field, unless it was changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.services import audit
from bizosaas_app.services.sourcing import stock
from bizosaas_app.services.sourcing.columns import OFFER_FIELDS, PRODUCT_FIELDS
from models import ImportBatch

_CHANGED: Final = "Changed since the import"
_REMOVED: Final = "No longer there"
_PUBLISHED: Final = "Its product has been published since"
_OFFERED: Final = "Its product has other offers"


class AlreadyUndone(Conflict):
    """An import is undone once."""

    code = "import_already_undone"
    title = "This import has been undone already"


@dataclass(frozen=True, slots=True)
class Kept:
    """A product or an offer that stays as it is, by its row of the file and its name, and why."""

    row: int
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Undone:
    """An import that was undone: how many products and offers are as before, and which are not."""

    batch: ImportBatch
    restored: int
    kept: tuple[Kept, ...]


def _restoring(table: str, kind: str, fields: tuple[str, ...]) -> str:
    """Write the statement that gives changed rows their old fields back, where nobody has changed them since."""
    names = (*fields, "updated_at")
    sets = ", ".join(f"{name} = old.{name}" for name in names)
    return f"""
UPDATE {table} t SET {sets}
FROM import_changes c CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS {table}), c.before) AS old
WHERE c.batch_id = :batch_id AND c.kind = '{kind}' AND c.before IS NOT NULL AND t.id = c.target_id
  AND to_jsonb(t) = c.after
RETURNING t.id
"""  # noqa: S608  # every word of it is ours


_INTACT: Final = """
c.batch_id = :batch_id AND c.before IS NULL AND t.id = c.target_id AND to_jsonb(t) = c.after
"""
_RESTORE_OFFERS: Final = text(_restoring("supplier_offers", "offer", OFFER_FIELDS))
_RESTORE_PRODUCTS: Final = text(_restoring("products", "product", PRODUCT_FIELDS))
_DELETE_OFFERS: Final = text(f"""
DELETE FROM supplier_offers t USING import_changes c
WHERE {_INTACT} AND c.kind = 'offer'
  AND NOT EXISTS (SELECT FROM product_publications p WHERE p.product_id = t.product_id AND p.created_at > :applied_at)
RETURNING t.id
""")  # noqa: S608
_DELETE_PRODUCTS: Final = text(f"""
DELETE FROM products t USING import_changes c
WHERE {_INTACT} AND c.kind = 'product'
  AND NOT EXISTS (SELECT FROM product_publications p WHERE p.product_id = t.id)
  AND NOT EXISTS (SELECT FROM supplier_offers o WHERE o.product_id = t.id)
RETURNING t.id
""")  # noqa: S608
_LEFT: Final = text("""
SELECT c.row, c.label, c.before IS NULL AS was_new,
       COALESCE(to_jsonb(p), to_jsonb(o)) = c.after AS is_intact,
       p.id IS NULL AND o.id IS NULL AS is_gone,
       EXISTS (SELECT FROM product_publications x WHERE x.product_id = COALESCE(p.id, o.product_id)) AS is_published
FROM import_changes c
LEFT JOIN products p ON c.kind = 'product' AND p.id = c.target_id
LEFT JOIN supplier_offers o ON c.kind = 'offer' AND o.id = c.target_id
WHERE c.batch_id = :batch_id AND c.target_id <> ALL (CAST(:restored AS uuid[]))
ORDER BY c.row, c.kind DESC
""")


async def undo(session: AsyncSession, actor: Actor, batch_id: UUID, *, now: datetime) -> Undone:
    """Take an import back; raises `NotFound` or `AlreadyUndone`.

    What was changed since, or is published, stays as it is and is named. Imports undone in the reverse of their
    order leave nothing behind.
    """
    await stock.hold(session, actor.tenant_id)
    batch = await _hold(session, batch_id)
    values = {"batch_id": batch_id, "applied_at": batch.applied_at}
    restored: list[UUID] = []
    for statement in (_RESTORE_OFFERS, _DELETE_OFFERS, _RESTORE_PRODUCTS, _DELETE_PRODUCTS):
        restored += (await session.execute(statement, values)).scalars()
    left = await session.execute(_LEFT, {"batch_id": batch_id, "restored": restored})
    kept = tuple(Kept(row.row, row.label, _reason(row._mapping)) for row in left)
    batch.status, batch.undone_at, batch.undone_by = "undone", now, actor.user_id
    batch.kept = [{"row": item.row, "label": item.label, "reason": item.reason} for item in kept]
    await session.flush()
    detail = {"restored": len(restored), "kept": len(kept)}
    await audit.record(session, actor, action="sourcing.undone", subject=f"import:{batch_id}", detail=detail)
    return Undone(batch, len(restored), kept)


async def _hold(session: AsyncSession, batch_id: UUID) -> ImportBatch:
    query = select(ImportBatch).where(ImportBatch.id == batch_id).with_for_update()
    batch = (await session.exec(query)).one_or_none()
    if batch is None:
        raise NotFound("There is no such import")
    if batch.status == "undone":
        raise AlreadyUndone
    return batch


def _reason(row: Mapping[Any, Any]) -> str:
    if row["is_gone"]:
        return _REMOVED
    if not row["is_intact"]:
        return _CHANGED
    return _PUBLISHED if row["is_published"] else _OFFERED
