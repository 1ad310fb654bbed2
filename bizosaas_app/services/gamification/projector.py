"""The projector: derives leaderboard entries from the ledger, event by event or all over again.

Who appends holds the tenant's projection lock shared, who rebuilds holds it alone. So a rebuild sees every event
that was projected before, and an append sees every board that was made before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, exists, select, text
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification import board_counting, entries, recounts
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.entries import Place
from bizosaas_app.services.gamification.facts import LedgerFact
from bizosaas_app.services.gamification.metrics import ANY_EVENT
from bizosaas_app.services.gamification.tallies import Tally, merge
from models import GamificationEvent

_STREAMED: Final = 2000
"""Events of one fetch from the server-side cursor of a recount."""


def tally_all(boards: Sequence[Board], facts: Iterable[LedgerFact]) -> dict[Place, Tally]:
    """Give what the events add up to, for every board, period and user that they touch. Pure."""
    tallies: dict[Place, Tally] = {}
    for fact in facts:
        if fact.user_id is None:
            continue
        for board in boards:
            part = board.rule.tally(fact)
            if part is None:
                continue
            for period in board.periods_at(fact.occurred_at):
                place = Place(board.id, period, fact.user_id)
                known = tallies.get(place)
                tallies[place] = part if known is None else merge(board.rule.fold, known, part)
    return tallies


async def lock_shared(session: AsyncSession, tenant_id: UUID) -> None:
    """Wait for a running rebuild of the tenant; hold off the next one until the transaction ends."""
    await session.execute(text(_LOCK.format("pg_advisory_xact_lock_shared")), {"name": f"projection:{tenant_id}"})


async def lock_alone(session: AsyncSession, tenant_id: UUID) -> None:
    """Wait for every running append of the tenant, and hold off new ones until the transaction ends."""
    await session.execute(text(_LOCK.format("pg_advisory_xact_lock")), {"name": f"projection:{tenant_id}"})


async def project(
    session: AsyncSession, tenant_id: UUID, boards: Sequence[Board], facts: Sequence[LedgerFact], now: datetime
) -> set[Place]:
    """Add events that are new in the ledger to the entries; give the entries that moved."""
    folds = {board.id: fold for board in boards if (fold := board.rule.plain_fold) is not None}
    tallies = tally_all([board for board in boards if board.id in folds], facts)
    await entries.merge_all(session, tenant_id, tallies, folds, now)
    others = [board for board in boards if board.id not in folds]
    return set(tallies) | await project_again(session, tenant_id, others, facts, now)


async def project_again(
    session: AsyncSession, tenant_id: UUID, boards: Sequence[Board], facts: Sequence[LedgerFact], now: datetime
) -> set[Place]:
    """Count the members of these events anew, from the ledger as it is now; give the entries that differed.

    All of their entries: under a cap one event decides whether the next one counts, on whatever day that was. The
    members' locks are held, so nobody else moves them meanwhile.
    """
    moved = [board for board in boards if any(board.rule.tally(fact) is not None for fact in facts)]
    users = {place.user_id for place in tally_all(moved, facts)}
    if not users:
        return set()
    counted = await _count(session, moved, users=users)
    stored = await entries.read(session, [board.id for board in moved], users=users)
    return await _mend(session, tenant_id, stored, counted, now)


async def mend_members(session: AsyncSession, board: Board, users: Collection[UUID], now: datetime) -> set[Place]:
    """Count these members' entries of a board anew; give those that differed. The projection lock is held alone."""
    counted = await recount(session, board, users=users)
    return await _mend(session, board.tenant_id, await entries.read(session, [board.id], users=users), counted, now)


async def recount(
    session: AsyncSession, board: Board, *, users: Collection[UUID] | None = None, until: datetime | None = None
) -> dict[Place, Tally]:
    """Count a board from the ledger alone, of all or some members, now or as it was; its entries are not touched."""
    return await _count(session, [board], users=users, until=until)


async def rebuild(session: AsyncSession, board: Board, now: datetime) -> int:
    """Derive a board's entries from the ledger and mend those that differ; give how many differed.

    The caller holds the projection lock alone, and gives the board a new version.
    """
    await session.execute(text("set local statement_timeout = '10min'"))
    if board_counting.is_set_based(board.rule):
        return await board_counting.rebuild(session, board, now)
    stored = await entries.read(session, [board.id])
    return len(await _mend(session, board.tenant_id, stored, await recount(session, board), now))


async def _mend(
    session: AsyncSession, tenant_id: UUID, stored: Mapping[Place, Tally], counted: Mapping[Place, Tally], now: datetime
) -> set[Place]:
    """Write what was counted over what is stored, where they differ; give where."""
    wrong = {place: tally for place, tally in counted.items() if stored.get(place) != tally}
    gone = stored.keys() - counted.keys()
    await entries.replace_all(session, tenant_id, wrong, now)
    await entries.delete_all(session, tenant_id, gone)
    return wrong.keys() | gone


_LOCK: Final = "select {}(hashtextextended(:name, 0))"


async def _count(
    session: AsyncSession, boards: Sequence[Board], *, users: Collection[UUID] | None, until: datetime | None = None
) -> dict[Place, Tally]:
    """Count some boards, one member after the other."""
    tallies: dict[Place, Tally] = {}
    async for user_id, facts in _by_member(_stream(session, boards, users, until)):
        for board in boards:
            for period, tally in recounts.tally_member(board, facts).items():
                tallies[Place(board.id, period, user_id)] = tally
    return tallies


async def _by_member(facts: AsyncIterator[LedgerFact]) -> AsyncIterator[tuple[UUID, list[LedgerFact]]]:
    """Gather the events of each member, which come one member after the other."""
    member: UUID | None = None
    gathered: list[LedgerFact] = []
    async for fact in facts:
        if member is not None and fact.user_id != member:
            yield member, gathered
            gathered = []
        member = fact.user_id
        gathered.append(fact)
    if member is not None:
        yield member, gathered


async def _stream(
    session: AsyncSession, boards: Sequence[Board], users: Collection[UUID] | None, until: datetime | None
) -> AsyncIterator[LedgerFact]:
    """Read the members' events that still count and that any of the boards may count, member by member."""
    query = live_events().order_by(col(GamificationEvent.user_id))
    types = {board.rule.metric.event for board in boards}
    if ANY_EVENT not in types:
        query = query.where(col(GamificationEvent.type).in_(types))
    if users is not None:
        query = query.where(col(GamificationEvent.user_id).in_(users))
    if until is not None:
        query = query.where(col(GamificationEvent.occurred_at) < until)
    result = await session.stream(query.execution_options(yield_per=_STREAMED))
    async for row in result:
        yield LedgerFact(*row)


def live_events() -> Select[Any]:
    """Select the members' events that no reversal has undone."""
    event, reversal = GamificationEvent, aliased(GamificationEvent)
    is_reversed = exists().where(
        col(reversal.tenant_id) == col(event.tenant_id), col(reversal.reverses_event_id) == col(event.event_id)
    )
    return select(
        col(event.event_id),
        col(event.user_id),
        col(event.type),
        col(event.value),
        col(event.properties),
        col(event.occurred_at),
        col(event.source),
    ).where(col(event.user_id).is_not(None), col(event.reverses_event_id).is_(None), ~is_reversed)
