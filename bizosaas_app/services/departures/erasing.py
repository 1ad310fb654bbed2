"""Erasing: every row of a tenant whose time of grace is over, in the order that references allow.

Which tables there are is read from the metadata, so a new one cannot be forgotten. Each batch is a transaction of its
own that the caller opens: who is killed in between goes on where the rows are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import CursorResult, Delete, Table, delete, exists, select, text, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from models import metadata, rls
from models.base import is_view

BATCH: Final = 500
"""Rows of one transaction: each person that goes is looked for in some forty tables."""

_BEGIN: Final = text("SELECT slug, operator FROM app.begin_erasure()")
_ERASE: Final = text("SELECT app.erase_rows(:table, :at_most)")
_COUNT: Final = text("SELECT app.count_erased(:number)")
_END: Final = text("SELECT app.end_departure(:tenant)")
_DUE: Final = text("SELECT * FROM app.due_departures()")
_WITHDRAW: Final = text("SELECT app.withdraw_signals()")
_DEQUEUE: Final = text("DELETE FROM jobs.procrastinate_jobs WHERE args ->> 'tenant_id' = :tenant AND status <> 'doing'")


@dataclass(frozen=True, slots=True)
class Erasure:
    """A tenant that is being erased, and the operator's tenant in whose log that stands."""

    slug: str
    operator: UUID


async def list_due(session: AsyncSession) -> list[UUID]:
    """List the tenants whose time of grace is over and of whom something may be left."""
    return list((await session.execute(_DUE)).scalars())


async def begin(session: AsyncSession) -> Erasure | None:
    """Begin, or go on, to erase the session's own tenant; None when it does not leave, or not yet."""
    row = (await session.execute(_BEGIN)).one_or_none()
    return None if row is None else Erasure(row.slug, row.operator)


def tables() -> list[Table]:
    """Give the tables that hold rows of tenants, those that refer to others before those that they refer to."""
    held = {table.name for table in rls.tenant_tables(metadata)}
    return [table for table in reversed(metadata.sorted_tables) if table.name in held and not is_view(table)]


async def erase_batch(session: AsyncSession, actor: Actor, table: Table, *, at_most: int = BATCH) -> int:
    """Delete some rows that the actor's tenant has in a table, and give how many."""
    if table.name in rls.ERASED_BY_DOOR:
        erased = int((await session.execute(_ERASE, {"table": table.name, "at_most": at_most})).scalar_one())
    else:
        done = await session.execute(_some_rows(table, actor.tenant_id, at_most))
        erased = cast("CursorResult[Any]", done).rowcount
    if erased:
        await session.execute(_COUNT, {"number": erased})
    return erased


async def dequeue(session: AsyncSession, tenant_id: UUID) -> None:
    """Take the tenant's jobs out of the queue, and what it told other tenants of frauds."""
    await session.execute(_DEQUEUE, {"tenant": str(tenant_id)})
    await session.execute(_WITHDRAW)


async def end(session: AsyncSession, tenant_id: UUID) -> int | None:
    """Write down in the operator's transaction that the tenant is gone; give how many rows were deleted.

    None when that stands already, or when the tenant's row is still there.
    """
    erased: int | None = (await session.execute(_END, {"tenant": tenant_id})).scalar_one()
    return erased


def _some_rows(table: Table, tenant_id: UUID, at_most: int) -> Delete:
    """Write the statement that deletes rows to which no other row of the same table refers."""
    key = tuple_(*table.primary_key.columns)
    rows = table.alias("rows")
    own = (rows.c[column.name] for column in table.primary_key.columns)
    chosen = select(*own).where(rows.c.tenant_id == tenant_id).limit(at_most)
    for reference in table.foreign_key_constraints:
        if reference.referred_table is table:
            other = table.alias("other")
            pairs = ((other.c[item.parent.name], rows.c[item.column.name]) for item in reference.elements)
            chosen = chosen.where(~exists().where(*(theirs == mine for theirs, mine in pairs)))
    return delete(table).where(table.c.tenant_id == tenant_id, key.in_(chosen))
