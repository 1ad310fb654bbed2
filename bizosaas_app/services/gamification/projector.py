"""The projector: derives leaderboard entries from the ledger, event by event or all over again.

Who appends holds the tenant's projection lock shared, who rebuilds holds it alone. So a rebuild sees every event
that was projected before, and an append sees every board that was made before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, exists, select, text
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification import entries
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.entries import Place
from bizosaas_app.services.gamification.facts import LedgerFact
from bizosaas_app.services.gamification.metrics import ANY_EVENT
from bizosaas_app.services.gamification.periods import periods_of
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
            for period in periods_of(fact.occurred_at, board.timezone):
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
    session: AsyncSession, tenant_id: UUID, boards: Sequence[Board], facts: Iterable[LedgerFact], now: datetime
) -> set[Place]:
    """Add events that are new in the ledger to the entries; give the entries that moved."""
    tallies = tally_all(boards, facts)
    await entries.merge_all(session, tenant_id, tallies, {board.id: board.rule.fold for board in boards}, now)
    return set(tallies)


async def project_again(
    session: AsyncSession, tenant_id: UUID, boards: Sequence[Board], fact: LedgerFact, now: datetime
) -> set[Place]:
    """Count the entries that this event has moved anew, from the ledger as it is now; give those entries."""
    moved = [board for board in boards if board.rule.tally(fact) is not None]
    places = set(tally_all(moved, [fact]))
    if not places:
        return places
    await entries.lock_all(session, tenant_id, places, now)
    facts = [item async for item in _stream(session, moved, user_id=fact.user_id)]
    tallies = {place: tally for place, tally in tally_all(moved, facts).items() if place in places}
    await entries.replace_all(session, tenant_id, tallies, now)
    await entries.delete_all(session, tenant_id, places - tallies.keys())
    return places


async def recount(session: AsyncSession, board: Board) -> dict[Place, Tally]:
    """Count a board from the ledger alone, without touching its entries."""
    tallies: dict[Place, Tally] = {}
    batch: list[LedgerFact] = []
    async for fact in _stream(session, [board]):
        batch.append(fact)
        if len(batch) == _STREAMED:
            _merge_into(tallies, board, batch)
            batch.clear()
    _merge_into(tallies, board, batch)
    return tallies


async def rebuild(session: AsyncSession, board: Board, now: datetime) -> int:
    """Drop a board's entries and derive them from the ledger; give how many there are.

    The caller holds the projection lock alone, and gives the board a new version.
    """
    tallies = await recount(session, board)
    await entries.delete_board(session, board.tenant_id, board.id)
    await entries.replace_all(session, board.tenant_id, tallies, now)
    return len(tallies)


_LOCK: Final = "select {}(hashtextextended(:name, 0))"


def _merge_into(tallies: dict[Place, Tally], board: Board, facts: Sequence[LedgerFact]) -> None:
    for place, tally in tally_all([board], facts).items():
        known = tallies.get(place)
        tallies[place] = tally if known is None else merge(board.rule.fold, known, tally)


async def _stream(
    session: AsyncSession, boards: Sequence[Board], *, user_id: UUID | None = None
) -> AsyncIterator[LedgerFact]:
    """Read the users' events that still count and that any of the boards may count."""
    query = _live_events()
    types = {board.rule.metric.event for board in boards}
    if ANY_EVENT not in types:
        query = query.where(col(GamificationEvent.type).in_(types))
    if user_id is not None:
        query = query.where(col(GamificationEvent.user_id) == user_id)
    result = await session.stream(query.execution_options(yield_per=_STREAMED))
    async for row in result:
        yield LedgerFact(*row)


def _live_events() -> Select[Any]:
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
