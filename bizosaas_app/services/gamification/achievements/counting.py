"""Counting: what events add to the counters of members, in whatever order and batches they come. Pure.

Amounts are added or the larger kept, members of a set counted by name: each is commutative and associative, so a
recount from the ledger gives what was counted event by event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from bizosaas_app.services.gamification.achievements.meters import Meter, Reading
from bizosaas_app.services.gamification.facts import LedgerFact

_ZERO: Final = Decimal(0)


class Spot(NamedTuple):
    """Which counter: the order of these fields is the order in which counters are written."""

    user_id: UUID
    meter: str
    period: str


class Named(NamedTuple):
    """Which member of the set behind a counter."""

    spot: Spot
    member: str


@dataclass(slots=True)
class Count:
    """What a counter holds: `value` is confirmed, `pending` is that and what may still be undone."""

    value: Decimal = _ZERO
    pending: Decimal = _ZERO
    events: int = 0


@dataclass(slots=True)
class Naming:
    """How many events name a member of a set, confirmed ones and all."""

    confirmed: int = 0
    pending: int = 0


@dataclass(slots=True)
class Collected:
    """What a batch of events adds. The counts of sets hold their events alone; their values follow from the names."""

    counts: dict[Spot, Count] = field(default_factory=dict)
    names: dict[Named, Naming] = field(default_factory=dict)

    def add(self, user_id: UUID, meter: Meter, reading: Reading) -> None:
        """Take in one reading."""
        spot = Spot(user_id, meter.key, reading.period)
        count = self.counts.get(spot)
        if count is None:
            count = self.counts[spot] = Count()
        count.events += 1
        if reading.member is not None:
            naming = self.names.setdefault(Named(spot, reading.member), Naming())
            naming.pending += 1
            naming.confirmed += reading.is_confirmed
        elif meter.fold == "add":
            count.pending += reading.amount
            count.value += reading.amount if reading.is_confirmed else _ZERO
        else:
            count.pending = max(count.pending, reading.amount)
            count.value = max(count.value, reading.amount if reading.is_confirmed else _ZERO)


def collect(meters_of: Mapping[str, Collection[Meter]], facts: Iterable[LedgerFact], timezone: str) -> Collected:
    """Give what these events add; `meters_of` an event type are those that may read it."""
    collected = Collected()
    for fact in facts:
        take(collected, meters_of, fact, timezone)
    return collected


def take(collected: Collected, meters_of: Mapping[str, Collection[Meter]], fact: LedgerFact, timezone: str) -> None:
    """Take in one event; one without a user counts for nobody."""
    if fact.user_id is None:
        return
    for meter in meters_of[fact.type]:
        reading = meter.read(fact, timezone)
        if reading is not None:
            collected.add(fact.user_id, meter, reading)


def total(collected: Collected, meters: Mapping[str, Meter]) -> dict[Spot, Count]:
    """Give the counters that these events make by themselves, without any before them."""
    sets: dict[Spot, dict[str, Naming]] = {}
    for named, naming in collected.names.items():
        sets.setdefault(named.spot, {})[named.member] = naming
    for spot, members in sets.items():
        count, meter = collected.counts[spot], meters[spot.meter]
        count.value = meter.count({member: naming.confirmed for member, naming in members.items()})
        count.pending = meter.count({member: naming.pending for member, naming in members.items()})
    return collected.counts
