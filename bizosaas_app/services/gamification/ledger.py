"""The ledger: facts are appended once, and undone by a further fact, never by a change.

What is derived from them moves in the same transaction, with an outbox row for what lies outside PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict, NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services import outbox
from bizosaas_app.services.gamification import admission, boards, derivations, people_locks, projector
from bizosaas_app.services.gamification.admission import Admitted, NewEvent, Rejection
from bizosaas_app.services.gamification.derivations import Change
from bizosaas_app.services.gamification.entries import Place
from bizosaas_app.services.gamification.facts import LedgerFact
from models import GamificationEvent, Membership
from models.events import REVERSAL

__all__ = ["Appended", "EventNotReversible", "NewEvent", "Rejection", "Reversal", "append", "reverse"]

Source = Literal["api", "service"]
OWN: Final[Source] = "service"

LEDGER_KEY: Final = "ledger"
"""Key of the news that anything in the ledger has changed; told beside the keys of the boards that moved."""

APPEND: Final = text("""
INSERT INTO gamification_events
    (tenant_id, event_id, type, user_id, value, properties, occurred_at, received_at, source)
SELECT :tenant_id, t.event_id, t.type, t.user_id, t.value, t.properties, t.occurred_at, :now, :source
FROM unnest(
    CAST(:event_ids AS uuid[]), CAST(:types AS text[]), CAST(:user_ids AS uuid[]), CAST(:values AS numeric[]),
    CAST(:properties AS jsonb[]), CAST(:moments AS timestamptz[])
) AS t (event_id, type, user_id, value, properties, occurred_at)
ON CONFLICT (tenant_id, event_id) DO NOTHING
RETURNING event_id
""")


class EventNotReversible(Conflict):
    """A reversal stands for ever: whoever was wrong records a new event."""

    code = "event_not_reversible"
    title = "A reversal cannot be reversed"


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a batch: `accepted` + `duplicates` + rejections is its size."""

    accepted: int
    duplicates: int
    rejected: list[Rejection]


@dataclass(frozen=True, slots=True)
class Reversal:
    """The row that undoes `event_id`; `is_new` is false when it stood there already."""

    id: UUID
    event_id: UUID
    reason: str
    reversed_at: datetime
    is_new: bool


async def append(
    session: AsyncSession, actor: Actor, events: Sequence[NewEvent], *, now: datetime, source: Source
) -> Appended:
    """Write the events that may be written, once each by `event_id`; a replay changes nothing.

    Give several events of one transaction in one call: two transactions that append in turns could wait for
    each other.
    """
    members = await _find_members(session, {event.user_id for event in events if event.user_id is not None})
    batch = admission.sort(events, members, now, is_own=source == "service")
    await projector.lock_shared(session, actor.tenant_id)
    written = await _write(session, actor, batch.admitted, now, source)
    await _settle(session, actor, Change(added=_facts(written, source)), now)
    return Appended(len(written), len(batch.admitted) - len(written) + batch.repeated, batch.rejected)


async def reverse(session: AsyncSession, actor: Actor, event_id: UUID, *, reason: str, now: datetime) -> Reversal:
    """Undo an event and all that was derived from it; a second reversal changes nothing.

    Raises `NotFound` for an event that this tenant's ledger does not hold, `EventNotReversible` for a reversal.
    """
    event = (await session.exec(select(GamificationEvent).where(GamificationEvent.event_id == event_id))).one_or_none()
    if event is None:
        raise NotFound("The ledger holds no such event")
    if event.is_reversal:
        raise EventNotReversible
    # Before the reversal is written: who waits for that row while holding the lock would wait for us, and we for them.
    await people_locks.hold(session, actor.tenant_id, [event.user_id] if event.user_id else [])
    await projector.lock_shared(session, actor.tenant_id)
    if not await _write_reversal(session, actor, event, reason, now):
        return await _get_reversal(session, event_id)
    await _settle(session, actor, Change(undone=[_fact(event)]), now)
    found = await _get_reversal(session, event_id)
    return Reversal(found.id, event_id, found.reason, found.reversed_at, is_new=True)


async def _settle(session: AsyncSession, actor: Actor, change: Change, now: datetime) -> None:
    """Derive what follows from the change, and from what follows, until nothing more does."""
    if change.is_empty:
        return
    places: set[Place] = set()
    while not change.is_empty:
        concerned = {fact.user_id for fact in (*change.added, *change.undone) if fact.user_id is not None}
        await people_locks.hold(session, actor.tenant_id, concerned)
        told = await derivations.follow(session, actor, change, now)
        places |= told.places
        own = await _write(session, actor, admission.sort(told.events, concerned, now, is_own=True).admitted, now, OWN)
        change = Change(added=_facts(own, OWN), undone=await _withdraw(session, actor, told.withdrawals, now))
    await _announce(session, actor, places)


async def _withdraw(
    session: AsyncSession, actor: Actor, withdrawals: Iterable[tuple[UUID, str]], now: datetime
) -> list[LedgerFact]:
    """Undo earlier facts of ours; give those that still stood."""
    undone: list[LedgerFact] = []
    for event_id, reason in withdrawals:
        query = select(GamificationEvent).where(GamificationEvent.event_id == event_id)
        event = (await session.exec(query)).one_or_none()
        if event is not None and await _write_reversal(session, actor, event, reason, now):
            undone.append(_fact(event))
    return undone


async def _find_members(session: AsyncSession, user_ids: Collection[UUID]) -> set[UUID]:
    if not user_ids:
        return set()
    query = select(Membership.user_id).where(col(Membership.user_id).in_(user_ids))
    return set((await session.exec(query)).all())


async def _write(
    session: AsyncSession, actor: Actor, events: Sequence[Admitted], now: datetime, source: Source
) -> list[Admitted]:
    """Insert the events in the order of their ids, so that two batches with the same events never deadlock."""
    if not events:
        return []
    ordered = sorted(events, key=lambda event: event.event_id)
    rows = await session.execute(
        APPEND,
        {
            "tenant_id": actor.tenant_id,
            "now": now,
            "source": source,
            "event_ids": [event.event_id for event in ordered],
            "types": [event.type for event in ordered],
            "user_ids": [event.user_id for event in ordered],
            "values": [event.value for event in ordered],
            "properties": [json.dumps(event.properties) for event in ordered],
            "moments": [event.occurred_at for event in ordered],
        },
    )
    accepted = set(rows.scalars())
    return [event for event in ordered if event.event_id in accepted]


async def _write_reversal(
    session: AsyncSession, actor: Actor, event: GamificationEvent, reason: str, now: datetime
) -> bool:
    statement = insert(GamificationEvent).values(
        tenant_id=actor.tenant_id,
        event_id=new_id(),
        type=REVERSAL,
        user_id=event.user_id,
        properties={"reason": reason, "reversed_by": str(actor.user_id) if actor.user_id else None},
        occurred_at=now,
        received_at=now,
        source="service" if actor.is_system else "api",
        reverses_event_id=event.event_id,
    )
    written = await session.execute(
        statement.on_conflict_do_nothing(
            index_elements=["tenant_id", "reverses_event_id"], index_where=text("reverses_event_id IS NOT NULL")
        ).returning(col(GamificationEvent.event_id))
    )
    return written.scalar_one_or_none() is not None


async def _get_reversal(session: AsyncSession, event_id: UUID) -> Reversal:
    row = (await session.exec(select(GamificationEvent).where(GamificationEvent.reverses_event_id == event_id))).one()
    return Reversal(row.event_id, event_id, str(row.properties.get("reason", "")), row.occurred_at, is_new=False)


def _facts(events: Iterable[Admitted], source: Source) -> list[LedgerFact]:
    return [
        LedgerFact(
            event.event_id,
            event.user_id,
            event.type,
            event.value,
            dict(event.properties),
            event.occurred_at,
            source,
        )
        for event in events
    ]


def _fact(row: GamificationEvent) -> LedgerFact:
    return LedgerFact(row.event_id, row.user_id, row.type, row.value, row.properties, row.occurred_at, row.source)


async def _announce(session: AsyncSession, actor: Actor, places: Iterable[Place]) -> None:
    """Owe Valkey and the open pages the entries that moved; with none, the news of the ledger alone."""
    moved: dict[str, list[str]] = {}
    for place in sorted(places):
        moved.setdefault(f"{place.board_id}:{place.period}", []).append(str(place.user_id))
    await outbox.enqueue(session, actor, boards.TOPIC, LEDGER_KEY, {"entries": moved})
