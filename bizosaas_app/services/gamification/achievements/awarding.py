"""Awarding: what the counters have moved is decided, written and told, exactly once for each claim.

The locks of the members are held by the caller, so that what is read here stays true until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.achievements import (
    counters,
    evidence,
    history,
    manipulation,
    reviews,
    standing,
    telling,
    verdicts,
)
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition
from bizosaas_app.services.gamification.achievements.evidence import Evidence
from bizosaas_app.services.gamification.achievements.manipulation import Doubt
from bizosaas_app.services.gamification.achievements.standing import Claim, Standing
from bizosaas_app.services.gamification.achievements.verdicts import Case, Pairs, Verdict
from bizosaas_app.services.gamification.admission import NewEvent
from bizosaas_app.services.gamification.facts import UNLOCKED

UNDONE: Final = "What it was earned with no longer counts"
REVIEWED: Final = "A review found that it was not earned"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Facts that follow from what was decided, and facts of ours that no longer hold, with the reason."""

    events: list[NewEvent] = field(default_factory=list)
    withdrawals: list[tuple[UUID, str]] = field(default_factory=list)


async def award(
    session: AsyncSession,
    actor: Actor,
    book: Book,
    touched: Mapping[UUID, Collection[Definition]],
    now: datetime,
) -> Outcome:
    """Decide what these members' achievements have become, with all that waits for them; give what follows."""
    pairs = [(user_id, item) for user_id, items in touched.items() for item in book.with_dependents(items)]
    if not pairs:
        return Outcome()
    case = await _open(session, actor.tenant_id, book, pairs)
    found = verdicts.decide(case, pairs)
    earned = [claim for claim, verdict in found.items() if verdict == "unlocked" and not _is_unlocked(case, claim)]
    proof = await evidence.gather(session, actor.tenant_id, book, earned)
    doubts = await _doubt(session, actor.tenant_id, case, proof)
    if doubts:
        await reviews.open_all(session, actor.tenant_id, doubts, now)
        found = verdicts.decide(case, pairs, doubts)
    return await _apply(session, actor, case, found=found, proof=proof, now=now)


def fact_id(tenant_id: UUID, claim: Claim, generation: int) -> UUID:
    """Name the ledger's fact of this unlock, the same however often it is derived."""
    return uuid5(tenant_id, f"{UNLOCKED}/{claim.achievement_id}/{claim.user_id}/{claim.period}/{generation}")


async def _open(session: AsyncSession, tenant_id: UUID, book: Book, pairs: Pairs) -> Case:
    users = {user_id for user_id, _ in pairs}
    definitions = {item.id: item for _, item in pairs}
    required = {
        book.by_key[key].id for item in definitions.values() for key in item.preconditions if key in book.by_key
    }
    meters = {meter.key for item in definitions.values() for meter in item.meters}
    return Case(
        book,
        await counters.read(session, tenant_id, users, meters),
        await standing.read(session, tenant_id, users, definitions.keys() | required),
        await reviews.read(session, users),
    )


def _is_unlocked(case: Case, claim: Claim) -> bool:
    row = case.standing.get(claim)
    return row is not None and row.status == "unlocked"


async def _doubt(
    session: AsyncSession, tenant_id: UUID, case: Case, proof: Mapping[Claim, Evidence]
) -> dict[Claim, Doubt]:
    """Give what a person has to look at; what a person has confirmed is doubted no more."""
    doubts: dict[Claim, Doubt] = {}
    for claim, item in proof.items():
        definition = case.book.by_id[claim.achievement_id]
        if claim not in case.reviews:
            happened = await _happened(session, tenant_id, definition, item)
            doubt = manipulation.find_doubt(definition, item, happened)
            doubts |= {} if doubt is None else {claim: doubt}
    return doubts


async def _happened(session: AsyncSession, tenant_id: UUID, definition: Definition, item: Evidence) -> dict[str, int]:
    """Count what others need to have happened before, as far as it matters."""
    needed = {
        manipulation.NEEDS_BEFORE[leaf.metric.event]
        for leaf in definition.leaves
        if leaf.metric.event in manipulation.NEEDS_BEFORE
    }
    limit = len(item.facts)
    return {name: await history.count_up_to(session, tenant_id, {name}, limit) for name in needed}


async def _apply(
    session: AsyncSession,
    actor: Actor,
    case: Case,
    *,
    found: Mapping[Claim, Verdict],
    proof: Mapping[Claim, Evidence],
    now: datetime,
) -> Outcome:
    changed = _Changed()
    for claim, verdict in found.items():
        changed.take(case, claim, verdict, proof.get(claim), now)
    await standing.delete(session, actor.tenant_id, changed.vanished)
    await standing.write(session, actor.tenant_id, sorted(changed.rows, key=lambda row: row.claim), now)
    await telling.tell(session, actor, case.book, changed.rows)
    return Outcome(
        [_fact(actor.tenant_id, case.book, row) for row in changed.rows if row.status == "unlocked"],
        [
            (fact_id(actor.tenant_id, row.claim, row.generation), row.revoke_reason or UNDONE)
            for row in changed.withdrawn
        ],
    )


@dataclass(slots=True)
class _Changed:
    """The rows that a decision changes."""

    rows: list[Standing] = field(default_factory=list)
    vanished: list[Claim] = field(default_factory=list)
    withdrawn: list[Standing] = field(default_factory=list)
    unlocked_at: dict[tuple[UUID, str], datetime] = field(default_factory=dict)

    def take(self, case: Case, claim: Claim, verdict: Verdict, item: Evidence | None, now: datetime) -> None:
        """Add what the verdict makes of what stands."""
        definition, old = case.book.by_id[claim.achievement_id], case.standing.get(claim)
        status = "none" if old is None else old.status
        blank = Standing(claim, "in_progress", 0 if old is None else old.generation, definition.target)
        if verdict == "unlocked" and status != "unlocked" and item is not None:
            self.rows.append(self._unlocked(case, definition, blank, item))
        elif verdict == "provisional" and status != "provisional":
            self.rows.append(replace(blank, status="provisional"))
        elif verdict == "none" and old is not None and status in ("provisional", "unlocked"):
            if status == "provisional" and old.generation == 0 and old.updated_at == now:
                # It came and went within one transaction, as when a held event gives way to the real one.
                self.vanished.append(claim)
            else:
                reason = REVIEWED if case.reviews.get(claim) == "revoked" else UNDONE
                self.rows.append(replace(blank, status="revoked", revoked_at=now, revoke_reason=reason))
        if status == "unlocked" and verdict != "unlocked":
            self.withdrawn.append(self.rows[-1])

    def _unlocked(self, case: Case, definition: Definition, blank: Standing, item: Evidence) -> Standing:
        """Give the unlock; it is no earlier than those that it waited for."""
        user_id = blank.claim.user_id
        moments = [item.decided_at, *self._waited_for(case, definition, user_id)]
        known = self.unlocked_at.get((user_id, definition.key))
        self.unlocked_at[user_id, definition.key] = min(max(moments), known or max(moments))
        return replace(
            blank,
            status="unlocked",
            generation=blank.generation + 1,
            points=definition.points,
            event_ids=item.event_ids,
            unlocked_at=max(moments),
        )

    def _waited_for(self, case: Case, definition: Definition, user_id: UUID) -> list[datetime]:
        found: list[datetime] = []
        for key in definition.preconditions:
            standing_at = [
                row.unlocked_at
                for claim, row in case.standing.items()
                if claim.user_id == user_id and case.book.by_id[claim.achievement_id].key == key and row.unlocked_at
            ]
            new = self.unlocked_at.get((user_id, key))
            moments = [*standing_at, *([new] if new else [])]
            found += [min(moments)] if moments else []
        return found


def _fact(tenant_id: UUID, book: Book, row: Standing) -> NewEvent:
    properties = {
        "key": book.by_id[row.claim.achievement_id].key,
        "achievement_id": str(row.claim.achievement_id),
        "points": row.points,
        "period": row.claim.period,
        "generation": row.generation,
        "event_ids": list(row.event_ids),
    }
    return NewEvent(
        event_id=fact_id(tenant_id, row.claim, row.generation),
        type=UNLOCKED,
        user_id=row.claim.user_id,
        properties=properties,
        occurred_at=row.unlocked_at,
    )
