"""Pruning: one batch of one rule, counted in the audit log by the transaction that deletes it.

A batch that was done is done, whoever is killed after it; the next night goes on with what is left.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, Executable, delete, select, text, tuple_, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import audit
from bizosaas_app.services.retention.rules import AUDIT_LOG, Rule

BATCH: Final = 500
"""Rows of one transaction: more would hold locks for long."""

_PRUNE_AUDIT: Final = text("SELECT app.prune_audit(:before, :at_most)")


async def prune(session: AsyncSession, actor: Actor, rule: Rule, *, now: datetime, at_most: int) -> int:
    """Delete or blank some of the rows whose time is over, in the session's own tenant, and give how many."""
    table = _table(rule.table)
    key = list(table.primary_key.columns)
    query = select(*key).where(rule.since < now - rule.kept).limit(at_most).with_for_update(skip_locked=True)
    if rule.only is not None:
        query = query.where(rule.only)
    found = (await session.execute(query)).all()
    if not found:
        return 0
    for dependant, column in rule.dependants:
        theirs = _table(dependant).c[column]
        await session.execute(delete(_table(dependant)).where(theirs.in_([row[-1] for row in found])))
    chosen = tuple_(*key).in_([tuple(row) for row in found])
    done = update(table).where(chosen).values(**rule.blank) if rule.blank else delete(table).where(chosen)
    return await _note(session, actor, rule.key, await _count(session, done))


async def prune_audit(session: AsyncSession, actor: Actor, *, kept: timedelta, now: datetime, at_most: int) -> int:
    """Delete some of the audit log's oldest entries, and give how many.

    The database keeps the last 90 days in any case.
    """
    values = {"before": now - kept, "at_most": at_most}
    pruned = int((await session.execute(_PRUNE_AUDIT, values)).scalar_one())
    return await _note(session, actor, AUDIT_LOG, pruned) if pruned else 0


async def _note(session: AsyncSession, actor: Actor, rule: str, rows: int) -> int:
    await audit.record(session, actor, action="retention.pruned", subject=f"rule:{rule}", detail={"rows": rows})
    return rows


async def _count(session: AsyncSession, statement: Executable) -> int:
    done = cast("CursorResult[Any]", await session.execute(statement))
    return done.rowcount


def _table(model: Any) -> Any:
    return model.__table__
