"""The dry run: who would have unlocked a draft with what the ledger holds. Nothing is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.achievements import books, counting, history, standing, verdicts
from bizosaas_app.services.gamification.achievements.counters import Values
from bizosaas_app.services.gamification.achievements.counting import Collected
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition, MetersOf
from bizosaas_app.services.gamification.achievements.verdicts import Case
from models import Member

DAYS: Final = 90
WHOLE: Final = 50_000
"""Events that are counted, some five seconds, where all that the ledger holds is asked for."""
SAMPLE: Final = 10
"""Members that are named, so that an administrator can check whether they are the ones that were meant."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """How many of the members would have unlocked it, how often in all, and how many events they did it with.

    `is_whole` says that all events were counted, not only those of the last 90 days.
    """

    would_unlock: int
    would_be_provisional: int
    unlocks: int
    events: int
    members: int
    is_whole: bool
    sample: list[tuple[UUID, str]]


async def simulate(
    session: AsyncSession, tenant_id: UUID, definition: Definition, *, now: datetime, whole: bool = False
) -> DryRun:
    """Count by the draft alone, event by event as they are read: the last 90 days, or everything if it is not much."""
    book = await books.current(session, tenant_id)
    meters = {meter.key: meter for meter in definition.meters}
    meters_of, collected, events = MetersOf(meters.values()), Collected(), 0
    is_whole = whole and await history.count_up_to(session, tenant_id, definition.types, WHOLE + 1) <= WHOLE
    since = None if is_whole else now - timedelta(days=DAYS)
    async for fact in history.stream(session, tenant_id, types=definition.types, since=since):
        events += 1
        counting.take(collected, meters_of, fact, book.timezone)
    values: Values = {}
    for spot, count in counting.total(collected, meters).items():
        values.setdefault((spot.user_id, spot.meter), {})[spot.period] = (count.value, count.pending)
    found = await _decide(session, tenant_id, book, definition, values)
    unlocked = [user_id for user_id, verdict in found if verdict == "unlocked"]
    provisional = {user_id for user_id, verdict in found if verdict == "provisional"} - set(unlocked)
    sample = await _names(session, sorted(set(unlocked))[:SAMPLE])
    members = (await session.exec(select(func.count()).select_from(Member))).one()
    return DryRun(len(set(unlocked)), len(provisional), len(unlocked), events, members, is_whole, sample)


async def _decide(
    session: AsyncSession, tenant_id: UUID, book: Book, definition: Definition, values: Values
) -> list[tuple[UUID, str]]:
    users = {user_id for user_id, _ in values}
    required = {book.by_key[key].id for key in definition.preconditions}
    rows = await standing.read(session, tenant_id, users, required)
    verdict_of = verdicts.decide(Case(book, values, rows), [(user_id, definition) for user_id in sorted(users)])
    return [(claim.user_id, verdict) for claim, verdict in verdict_of.items()]


async def _names(session: AsyncSession, user_ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    query = select(Member.id, Member.name).where(col(Member.id).in_(user_ids)).order_by(Member.name)
    return list((await session.exec(query)).all())
