"""Previews: the first places of a board that is only described, counted from the ledger. Nothing is written.

What a saved board would show for its own window is shown, by the same rule; a ledger too large to be counted while
somebody waits is refused, not sampled, for ranks among a part of the members would mislead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.gamification import board_counting, board_drafts, people, periods, projector, recounts
from bizosaas_app.services.gamification.definitions import Board
from bizosaas_app.services.gamification.facts import LedgerFact
from bizosaas_app.services.gamification.metrics import ANY_EVENT, Rule
from bizosaas_app.services.gamification.people import Person
from bizosaas_app.services.gamification.tallies import Tally
from bizosaas_app.services.gamification.tops import Placed
from models import GamificationEvent, Member, Tenant

PLACES: Final = 10
MOST_EVENTS: Final = 50_000
"""Events that are counted one by one, for the rules that PostgreSQL cannot count."""
SECONDS: Final = 4
"""How long the database may take for an answer."""
_TIMED_OUT: Final = "57014"
"""What PostgreSQL calls a statement that it has ended by itself."""


class PreviewTooLarge(Conflict):
    """Counting this takes longer than anybody waits for a preview."""

    code = "preview_too_large"
    title = "There are too many events to count them for a preview. The board is counted when you save it"


@dataclass(frozen=True, slots=True)
class Preview:
    """The first places of a described board in its own window, and of how many members whom others see."""

    board: Board
    period: str
    places: tuple[Placed, ...]
    people: Mapping[UUID, Person]
    total: int


async def count(session: AsyncSession, actor: Actor, draft: Mapping[str, Any], *, now: datetime) -> Preview:
    """Count a draft; raises `InputInvalid` that names a field, or `PreviewTooLarge`."""
    columns = board_drafts.check(draft)
    timezone = (await session.exec(select(Tenant.timezone))).one()
    board = Board(tenant_id=actor.tenant_id, id=new_id(), timezone=timezone, version="", **columns)
    try:
        await session.execute(text(f"set local statement_timeout = '{SECONDS}s'"))
        return await _ranked(session, board, await _count(session, board, now), now)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != _TIMED_OUT:
            raise
        raise PreviewTooLarge from error


async def _ranked(session: AsyncSession, board: Board, tallies: Mapping[UUID, Tally], now: datetime) -> Preview:
    """Rank the members whom others see, the earlier one first of equals."""
    shown = set((await session.exec(select(Member.id).where(people.shown()))).all())
    sign = 1 if board.sort == "asc" else -1
    seen = list(shown & tallies.keys())
    seen.sort(key=lambda user_id: (sign * tallies[user_id].score, tallies[user_id].reached_at, user_id))
    first = seen[:PLACES]
    ranks = board.rank_rows([tallies[user_id].score for user_id in first])
    places = tuple(Placed(user_id, rank, tallies[user_id].score) for user_id, rank in zip(first, ranks, strict=True))
    names = await people.find_people(session, first)
    return Preview(board, board.period_at(board.default_window, now), places, names, len(seen))


async def _count(session: AsyncSession, board: Board, now: datetime) -> dict[UUID, Tally]:
    """Count the board's open period."""
    if board_counting.is_set_based(board.rule):
        return await _count_in_sql(session, board, now)
    return await _count_one_by_one(session, board, now)


_QUERY: Final = """
WITH facts AS (
    SELECT e.user_id, e.occurred_at AS moment, {points} AS points
    FROM gamification_events e
    WHERE e.tenant_id = :tenant_id AND e.user_id IS NOT NULL AND e.reverses_event_id IS NULL
    AND e.occurred_at >= :since AND e.occurred_at < :until
    AND NOT EXISTS (
        SELECT FROM gamification_events r WHERE r.tenant_id = :tenant_id AND r.reverses_event_id = e.event_id
    ) AND {conditions}
), parts AS (
    SELECT user_id, {first}, count(*) AS events FROM facts GROUP BY user_id
)
SELECT user_id, CAST(({score}) * :sign AS numeric(20, 4)) AS score, {reached_at} AS reached_at,
    CAST(events AS integer) AS events
FROM parts
"""


async def _count_in_sql(session: AsyncSession, board: Board, now: datetime) -> dict[UUID, Tally]:
    sql = board_counting.FOLDS[board.rule.fold]
    conditions, values = board_counting.conditions_of(board.rule)
    statement = _QUERY.format(
        points=board_counting.points_of(board.rule),
        conditions=" AND ".join(conditions),
        first=sql.first,
        score=sql.score,
        reached_at=sql.reached_at,
    )
    since, until = _stretch(board, now)
    values |= {"tenant_id": board.tenant_id, "sign": board.rule.sign, "since": since, "until": until}
    rows = await session.execute(text(statement), values)
    return {row.user_id: Tally(row.score, row.reached_at, row.events) for row in rows}


async def _count_one_by_one(session: AsyncSession, board: Board, now: datetime) -> dict[UUID, Tally]:
    period = board.period_at(board.default_window, now)
    tallies: dict[UUID, Tally] = {}
    for user_id, facts in (await _read(session, board, now)).items():
        counted = recounts.tally_member(board, facts).get(period)
        if counted is not None:
            tallies[user_id] = counted
    return tallies


async def _read(session: AsyncSession, board: Board, now: datetime) -> dict[UUID, list[LedgerFact]]:
    """Read the members' events that may count; raises `PreviewTooLarge`."""
    since, until = _stretch(board, now)
    query = projector.live_events().where(col(GamificationEvent.occurred_at) < until)
    if not _looks_back(board.rule):
        query = query.where(col(GamificationEvent.occurred_at) >= since)
    if board.rule.metric.event != ANY_EVENT:
        query = query.where(col(GamificationEvent.type) == board.rule.metric.event)
    rows = (await session.execute(query.limit(MOST_EVENTS + 1))).all()
    if len(rows) > MOST_EVENTS:
        raise PreviewTooLarge
    facts: dict[UUID, list[LedgerFact]] = {}
    for row in rows:
        facts.setdefault(row.user_id, []).append(LedgerFact(*row))
    return facts


def _looks_back(rule: Rule) -> bool:
    """Say whether what came before the period decides what counts in it."""
    return rule.caps.smallest_interval is not None or rule.caps.largest_change is not None


def _stretch(board: Board, now: datetime) -> tuple[datetime, datetime]:
    """Give where the open period begins and ends."""
    begins = board.began_at(board.default_window, now)
    ends = board.rolls_over_at(board.default_window, now)
    return begins or periods.DAWN, ends or periods.DUSK
