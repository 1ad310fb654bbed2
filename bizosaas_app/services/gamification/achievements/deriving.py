"""Deriving from the whole ledger: awards for a definition that is new, and everything all over again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification import ledger, people_locks, projector
from bizosaas_app.services.gamification.achievements import awarding, books, counters, history, standing
from bizosaas_app.services.gamification.achievements.awarding import Outcome
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition
from bizosaas_app.services.gamification.achievements.standing import Claim, Standing
from bizosaas_app.services.gamification.facts import UNLOCKED
from bizosaas_app.services.jobs import runs
from models import JobRun, User

TASK: Final = "achievements.award"
"""Awards the definitions named in `achievement_ids` to everybody who has earned them already."""
AT_ONCE: Final = 10_000
"""Events that are counted while the administrator waits, about a second; more are left to a run."""
PART: Final = 200
"""Members of one transaction: while it lasts, their events wait."""

_HISTORY: Final = text("""
SELECT e.user_id, e.properties, e.occurred_at, r.occurred_at AS reversed_at, r.properties ->> 'reason' AS reason
FROM gamification_events e
LEFT JOIN gamification_events r ON r.tenant_id = e.tenant_id AND r.reverses_event_id = e.event_id
WHERE e.tenant_id = :tenant_id AND e.type = :type AND e.user_id = ANY(:users)
ORDER BY (e.properties ->> 'generation')::integer
""")


async def publish(session: AsyncSession, actor: Actor, keys: Collection[str], now: datetime, *, title: str) -> None:
    """Award these active definitions for what the ledger holds: at once if that is little, else by a run.

    Their stamp has been renewed in this transaction, so that events which come later count by themselves.
    """
    book = await books.current(session, actor.tenant_id)
    chosen = [item for item in book.active if item.key in keys]
    types = frozenset().union(*(item.types for item in chosen))
    if not chosen:
        return
    if await history.count_up_to(session, actor.tenant_id, types, AT_ONCE + 1) > AT_ONCE:
        ids = [str(item.id) for item in chosen]
        total = len(await _members(session))
        await runs.start(session, actor, TASK, title=title, arguments={"achievement_ids": ids}, total=total)
        return
    # Nobody else sees the definitions yet: without this, what is appended beside us would be counted by nobody.
    await projector.lock_alone(session, actor.tenant_id)
    for users in _parts(await _members(session)):
        await _derive(session, actor, book, users, chosen, now=now)


async def continue_run(
    session: AsyncSession, actor: Actor, run_id: UUID, achievement_ids: Collection[UUID], now: datetime
) -> bool:
    """Award the definitions to the members whose turn it is in the run; False when it has ended or is to stop."""
    if not await runs.advance(session, actor, run_id):
        return False
    done = (await session.get_one(JobRun, (actor.tenant_id, run_id))).done
    await projector.lock_shared(session, actor.tenant_id)
    users = (await _members(session))[done : done + PART]
    await people_locks.hold(session, actor.tenant_id, users)
    book = await books.current(session, actor.tenant_id)
    chosen = [item for item in book.active if item.id in achievement_ids]
    if not users or not chosen:
        await runs.finish(session, actor, run_id, result={"members": done})
        return False
    await _derive(session, actor, book, users, chosen, now=now)
    return await runs.advance(session, actor, run_id, done=done + len(users))


async def rebuild(session: AsyncSession, actor: Actor, *, now: datetime) -> int:
    """Drop every counter and unlock of the tenant and derive them from the ledger; give how many definitions count."""
    await projector.lock_alone(session, actor.tenant_id)
    book = await books.current(session, actor.tenant_id)
    for users in _parts(await _members(session)):
        await counters.drop_all(session, actor.tenant_id, users)
        await standing.forget(session, actor.tenant_id, users)
        await standing.write(session, actor.tenant_id, await _remember(session, actor.tenant_id, book, users), now)
        if book.active:
            await _derive(session, actor, book, users, book.active, now=now)
    return len(book.active)


async def settle(session: AsyncSession, actor: Actor, outcome: Outcome, now: datetime) -> None:
    """Write what follows from a decision into the ledger, where everything else sees it."""
    system = Actor.system(actor.tenant_id)
    if outcome.events:
        done = await ledger.append(session, system, outcome.events, now=now, source="service")
        if done.rejected:
            raise RuntimeError(f"the ledger refuses what follows from it: {done.rejected[0].message}")
    for event_id, reason in outcome.withdrawals:
        await ledger.reverse(session, system, event_id, reason=reason, now=now)


async def _derive(
    session: AsyncSession,
    actor: Actor,
    book: Book,
    users: Sequence[UUID],
    definitions: Sequence[Definition],
    *,
    now: datetime,
) -> None:
    meters = {meter.key: meter for item in definitions for meter in item.meters}
    await counters.recount(session, actor.tenant_id, users, meters.values(), timezone=book.timezone, now=now)
    outcome = await awarding.award(session, actor, book, dict.fromkeys(users, definitions), now)
    await settle(session, actor, outcome, now)


async def _members(session: AsyncSession) -> list[UUID]:
    """Give everybody, whether or not they have events yet, in an order in which newcomers come last."""
    return list((await session.exec(select(User.id).order_by(col(User.id)))).all())


async def _remember(session: AsyncSession, tenant_id: UUID, book: Book, users: Sequence[UUID]) -> list[Standing]:
    """Give the unlocks that the ledger tells of, the last generation of each, revoked or standing."""
    rows = await session.execute(_HISTORY, {"tenant_id": tenant_id, "type": UNLOCKED, "users": sorted(users)})
    found: dict[Claim, Standing] = {}
    for user_id, properties, occurred_at, reversed_at, reason in rows:
        claim = Claim(user_id, UUID(properties["achievement_id"]), properties["period"])
        if claim.achievement_id in book.by_id:
            undone = None if reversed_at is None else (reversed_at, reason)
            found[claim] = _standing(claim, book.by_id[claim.achievement_id], properties, occurred_at, undone)
    return [found[claim] for claim in sorted(found)]


def _standing(
    claim: Claim,
    definition: Definition,
    properties: Mapping[str, Any],
    occurred_at: datetime,
    undone: tuple[datetime, str] | None,
) -> Standing:
    blank = Standing(claim, "revoked", int(properties["generation"]), definition.target)
    if undone is not None:
        return replace(blank, revoked_at=undone[0], revoke_reason=undone[1])
    return replace(
        blank,
        status="unlocked",
        points=int(properties["points"]),
        event_ids=tuple(properties["event_ids"]),
        unlocked_at=occurred_at,
    )


def _parts(users: Sequence[UUID]) -> list[Sequence[UUID]]:
    return [users[start : start + PART] for start in range(0, len(users), PART)]
