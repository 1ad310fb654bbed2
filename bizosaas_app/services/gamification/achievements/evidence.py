"""Evidence: the events that an unlock came from, and the moment that decided it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.achievements import history, triggers
from bizosaas_app.services.gamification.achievements.definitions import Book, Definition, period_within
from bizosaas_app.services.gamification.achievements.meters import Meter, Reading, longest_run
from bizosaas_app.services.gamification.achievements.standing import Claim
from bizosaas_app.services.gamification.facts import LedgerFact

NAMED: Final = 50
"""Events that an unlock names, the latest of those behind it: 2 KB of the 8 that a fact may have."""

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The confirmed events behind an unlock up to the one that decided it, all and for each leaf."""

    decided_at: datetime
    facts: Sequence[LedgerFact]
    by_leaf: Sequence[Sequence[LedgerFact]]

    @property
    def event_ids(self) -> tuple[str, ...]:
        """The latest of the events."""
        return tuple(str(fact.event_id) for fact in self.facts[-NAMED:])


@dataclass(slots=True)
class _Running:
    """A leaf's value as its events come one by one; the best of its windows."""

    meter: Meter
    best: Decimal = _ZERO
    amounts: dict[str, Decimal] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, reading: Reading) -> None:
        before = self.amounts.get(reading.period, _ZERO)
        if reading.member is not None:
            after = before + self._name(reading.period, reading.member, before)
        else:
            after = max(before, reading.amount) if self.meter.fold == "max" else before + reading.amount
        self.amounts[reading.period] = after
        self.best = max(self.amounts.values())

    def _name(self, period: str, member: str, value: Decimal) -> Decimal:
        names = self.names.setdefault(period, {})
        names[member] = names.get(member, 0) + 1
        if self.meter.metric.aggregate != "streak":
            return self.meter.growth(names[member] - 1, names[member])
        return longest_run(list(names)) - value if names[member] == 1 else _ZERO


async def gather(
    session: AsyncSession, tenant_id: UUID, book: Book, claims: Collection[Claim]
) -> dict[Claim, Evidence]:
    """Give the evidence for these claims, which the counters say are met."""
    if not claims:
        return {}
    types = frozenset().union(*(book.by_id[claim.achievement_id].types for claim in claims))
    users = {claim.user_id for claim in claims}
    facts: dict[UUID | None, list[LedgerFact]] = {}
    async for fact in history.stream(session, tenant_id, types=types, user_ids=users):
        facts.setdefault(fact.user_id, []).append(fact)
    for own in facts.values():
        own.sort(key=lambda fact: (fact.occurred_at, fact.event_id))
    found: dict[Claim, Evidence] = {}
    for claim in claims:
        evidence = replay(book.by_id[claim.achievement_id], facts.get(claim.user_id, ()), claim.period, book.timezone)
        if evidence is not None:
            found[claim] = evidence
    return found


def replay(definition: Definition, facts: Sequence[LedgerFact], period: str, timezone: str) -> Evidence | None:
    """Go through a member's events in the order of their time; give the evidence at the first moment that suffices."""
    running = [_Running(meter) for meter in definition.meters]
    counted: list[LedgerFact] = []
    by_leaf: list[list[LedgerFact]] = [[] for _ in running]
    for fact in facts:
        is_counted = False
        for leaf, state in zip(by_leaf, running, strict=True):
            reading = state.meter.read(fact, timezone)
            if reading is None or not reading.is_confirmed:
                continue
            if period_within(reading.period, definition.repeats) == period:
                state.add(reading)
                leaf.append(fact)
                is_counted = True
        if is_counted:
            counted.append(fact)
            if triggers.is_met(definition.rule, [state.best for state in running]):
                return Evidence(fact.occurred_at, counted, by_leaf)
    return None
