"""Derivations: what follows from the ledger in the same transaction. The table of followers, and the one reader.

A follower sees facts that are new and facts that are undone, and says what moved. It may name further facts that
follow, such as an unlock, and earlier ones of ours that no longer hold; the ledger writes those, and asks again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.analytics import rollups
from bizosaas_app.services.gamification import board_following
from bizosaas_app.services.gamification.achievements import following as achievement_following
from bizosaas_app.services.gamification.admission import NewEvent
from bizosaas_app.services.gamification.entries import Place
from bizosaas_app.services.gamification.facts import LedgerFact
from bizosaas_app.services.gamification.portfolios import following as showcase_following
from bizosaas_app.services.gamification.referrals import clawbacks


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction has done to the ledger: facts that were added, facts that were undone."""

    added: Sequence[LedgerFact] = ()
    undone: Sequence[LedgerFact] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing has changed."""
        return not self.added and not self.undone


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows: leaderboard entries that moved, facts to add, and facts of ours to undo with the reason."""

    places: frozenset[Place] = frozenset()
    events: Sequence[NewEvent] = ()
    withdrawals: Sequence[tuple[UUID, str]] = field(default=())


Follower = Callable[[AsyncSession, Actor, Change, datetime], Awaitable[Consequences]]
"""Derives in the transaction that changed the ledger; the people's locks of all its members are held."""


async def _rollups(session: AsyncSession, actor: Actor, change: Change, now: datetime) -> Consequences:  # noqa: ARG001
    await rollups.follow(session, actor.tenant_id, change.added, change.undone)
    return Consequences()


async def _achievements(session: AsyncSession, actor: Actor, change: Change, now: datetime) -> Consequences:
    outcome = await achievement_following.follow(session, actor, change.added, change.undone, now)
    return Consequences(events=outcome.events, withdrawals=outcome.withdrawals)


async def _clawbacks(session: AsyncSession, actor: Actor, change: Change, now: datetime) -> Consequences:
    return Consequences(withdrawals=await clawbacks.follow(session, actor, change.undone, now))


async def _boards(session: AsyncSession, actor: Actor, change: Change, now: datetime) -> Consequences:
    moved = await board_following.follow(session, actor.tenant_id, change.added, change.undone, now)
    return Consequences(places=frozenset(moved))


async def _showcases(session: AsyncSession, actor: Actor, change: Change, now: datetime) -> Consequences:  # noqa: ARG001
    await showcase_following.follow(session, actor, change.undone)
    return Consequences()


FOLLOWERS: Final[tuple[Follower, ...]] = (_clawbacks, _achievements, _boards, _showcases, _rollups)
"""In the order in which they take their locks; last what all of a tenant's transactions write to, so that they wait
for each other no longer than they must."""


async def follow(session: AsyncSession, actor: Actor, change: Change, now: datetime) -> Consequences:
    """Let every follower derive from the change; give all that follows."""
    found = [await follower(session, actor, change, now) for follower in FOLLOWERS]
    return Consequences(
        places=frozenset().union(*(item.places for item in found)),
        events=[event for item in found for event in item.events],
        withdrawals=[withdrawal for item in found for withdrawal in item.withdrawals],
    )
