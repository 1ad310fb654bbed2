"""How achievements follow the ledger: counters move with new facts, are counted anew for undone ones; then awards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.achievements import awarding, books, counters, counting
from bizosaas_app.services.gamification.achievements.awarding import Outcome
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition
from bizosaas_app.services.gamification.facts import LedgerFact

Touched = dict[UUID, dict[UUID, Definition]]
"""For each member, the definitions whose verdict may have changed."""


async def follow(
    session: AsyncSession,
    actor: Actor,
    added: Sequence[LedgerFact],
    undone: Sequence[LedgerFact],
    now: datetime,
) -> Outcome:
    """Bring counters and achievements into step with the ledger; give the facts that follow."""
    book = await books.current(session, actor.tenant_id)
    if not book.meters:
        return Outcome()
    touched: Touched = {}
    collected = counting.collect(book.meters_of, added, book.timezone)
    for user_id, use in await counters.add(session, actor.tenant_id, collected, book.meters, book.uses, now=now):
        # What is short of a threshold, or was beyond it before, changes no verdict: most events end before this.
        touched.setdefault(user_id, {})[use.definition.id] = use.definition
    await _count_again(session, actor, book, undone, touched=touched, now=now)
    return await awarding.award(session, actor, book, {who: items.values() for who, items in touched.items()}, now)


async def _count_again(
    session: AsyncSession, actor: Actor, book: Book, undone: Sequence[LedgerFact], *, touched: Touched, now: datetime
) -> None:
    """Count anew what the undone facts had moved, and note every definition that reads it."""
    concerned = {
        (fact.user_id, meter.key)
        for fact in undone
        for meter in book.meters_of[fact.type]
        if fact.user_id is not None and meter.read(fact, book.timezone) is not None
    }
    users, keys = {user_id for user_id, _ in concerned}, {key for _, key in concerned}
    if not concerned:
        return
    meters = [book.meters[key] for key in sorted(keys)]
    await counters.recount(session, actor.tenant_id, users, meters, timezone=book.timezone, now=now)
    for user_id, key in concerned:
        for use in (use for use in book.uses if use.meter == key):
            touched.setdefault(user_id, {})[use.definition.id] = use.definition
