"""How achievements follow the ledger: counters move with new facts, are counted anew for undone ones; then awards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.achievements import awarding, books, counters, counting
from bizosaas_app.services.gamification.achievements.awarding import Outcome
from bizosaas_app.services.gamification.achievements.counters import Moved
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition
from bizosaas_app.services.gamification.facts import LedgerFact

Touched = dict[UUID, dict[UUID, Definition]]
"""For each member, the definitions whose verdict may have changed."""

_ZERO: Final = Decimal(0)


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
    if collected.counts:
        moved = await counters.add(session, actor.tenant_id, collected, book.meters, now)
        _touch_crossed(touched, book, moved)
    await _count_again(session, actor, book, undone, touched=touched, now=now)
    return await awarding.award(session, actor, book, {who: items.values() for who, items in touched.items()}, now)


def _touch_crossed(touched: Touched, book: Book, moved: Iterable[Moved]) -> None:
    """Note the definitions of which a counter has passed the threshold, in either direction.

    What is short of it, or was beyond it before, cannot change a verdict: most events end here.
    """
    for item in moved:
        is_sum = book.meters[item.spot.meter].fold == "add"
        # Of a record, what this batch brought; of a sum, where it stood before and where it stands now.
        before = (item.value - item.added.value, item.pending - item.added.pending) if is_sum else (_ZERO, _ZERO)
        after = (item.value, item.pending) if is_sum else (item.added.value, item.added.pending)
        for use in book.uses[item.spot.meter]:
            if any((old >= use.threshold) != (new >= use.threshold) for old, new in zip(before, after, strict=True)):
                touched.setdefault(item.spot.user_id, {})[use.definition.id] = use.definition


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
        for use in book.uses[key]:
            touched.setdefault(user_id, {})[use.definition.id] = use.definition
