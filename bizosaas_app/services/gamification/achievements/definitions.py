"""An achievement's definition as it is evaluated and shown, and a tenant's book of them with its indexes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, Literal, cast
from uuid import UUID

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.achievements import triggers
from bizosaas_app.services.gamification.achievements.meters import Meter, on_platform
from bizosaas_app.services.gamification.achievements.triggers import Leaf, Trigger
from bizosaas_app.services.gamification.facts import OWN_TYPES, STANDS_FOR, UNLOCKED
from bizosaas_app.services.gamification.metrics import ANY_EVENT, Filter
from bizosaas_app.services.gamification.periods import Window
from models import Achievement, AchievementCategory
from models.achievements import ONCE

Repeats = Literal["never", "day", "week", "month"]


@dataclass(frozen=True, eq=False)
class Definition:
    """What has to be done, how often it may be unlocked, and how it is shown."""

    id: UUID
    key: str
    name: str
    description: str
    category: str
    position: int
    tier: str
    icon: str
    points: int
    platform: str | None
    document: Mapping[str, Any]
    """The trigger as it was written."""
    rule: Trigger
    meters: tuple[Meter, ...]
    """What each leaf of the trigger counts, by the leaf's index."""
    repeats: Repeats
    preconditions: tuple[str, ...]
    limits: Mapping[str, Any]
    is_hidden: bool
    is_custom: bool
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: Achievement, category: AchievementCategory) -> Definition:
        """Make the definition of a row."""
        rule = triggers.parse(row.trigger)
        return cls(
            id=row.id,
            key=row.key,
            name=row.name,
            description=row.description,
            category=category.key,
            position=category.position,
            tier=row.tier,
            icon=row.icon,
            points=row.points,
            platform=row.platform,
            document=row.trigger,
            rule=rule,
            meters=tuple(_meter(leaf, row) for leaf in triggers.leaves(rule)),
            repeats=cast(Repeats, row.repeats),  # a CHECK keeps the column to these words
            preconditions=tuple(row.preconditions),
            limits=row.limits,
            is_hidden=row.is_hidden,
            is_custom=row.is_custom,
            status=row.status,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            created_at=row.created_at,
        )

    @property
    def is_repeatable(self) -> bool:
        """Whether it can be unlocked once in each period."""
        return self.repeats != "never"

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The conditions by their index."""
        return tuple(triggers.leaves(self.rule))

    @property
    def target(self) -> Decimal:
        """What a stored progress counts up to."""
        return triggers.target_of(self.rule)

    @property
    def types(self) -> frozenset[str]:
        """The event types that move it."""
        return frozenset().union(*(meter.types for meter in self.meters))


def _meter(leaf: Leaf, row: Achievement) -> Meter:
    is_farmable = leaf.metric.aggregate == "count"
    metric = on_platform(leaf.metric, row.platform)
    if metric.event == UNLOCKED:
        # Its own unlock is no reason for it: otherwise it would keep itself once what it came from is undone.
        metric = replace(metric, filters=(*metric.filters, Filter(("properties", "key"), "ne", row.key)))
    return Meter(
        metric=metric,
        window=cast(Window, row.repeats) if row.repeats != "never" and leaf.window == "all" else leaf.window,
        cap=row.limits.get("max_per_day") if is_farmable else None,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        needs_verified=row.limits.get("requires_verified", True),
    )


def check_windows(rule: Trigger, repeats: Repeats, path: str = "trigger") -> None:
    """Pass when each leaf's window fits into the period of a repeatable achievement; else raise `InputInvalid`."""
    allowed = {"all", "day", repeats}
    if repeats != "never" and any(leaf.window not in allowed for leaf in triggers.leaves(rule)):
        raise InputInvalid({path: f"Once a {repeats}, conditions count in a day or in that {repeats}"})


@dataclass(frozen=True)
class Use:
    """A definition that asks a meter for at least `threshold`."""

    meter: str
    threshold: Decimal
    definition: Definition


class Book:
    """A tenant's definitions under one stamp, indexed for the path of an event."""

    def __init__(self, timezone: str, definitions: Iterable[Definition] = ()) -> None:
        self.timezone = timezone
        self.all = sorted(definitions, key=lambda item: (item.position, item.points, item.key))
        self.by_key = {item.key: item for item in self.all}
        self.by_id = {item.id: item for item in self.all}
        self.active = [item for item in self.all if item.status == "active"]
        self.meters: dict[str, Meter] = {}
        self.uses: list[Use] = []
        self.dependents: dict[str, list[Definition]] = {}
        for item in self.active:
            self._index(item)
        self.meters_of = MetersOf(self.meters.values())
        self.depth = {item.id: self._depth(item, frozenset()) for item in self.active}
        """How many preconditions stand before each one: those are decided first."""

    def _index(self, item: Definition) -> None:
        for leaf, meter in zip(item.leaves, item.meters, strict=True):
            self.meters.setdefault(meter.key, meter)
            self.uses.append(Use(meter.key, leaf.threshold, item))
        for key in item.preconditions:
            self.dependents.setdefault(key, []).append(item)

    def _depth(self, item: Definition, above: frozenset[str]) -> int:
        below = [self.by_key[key] for key in item.preconditions if key in self.by_key and key not in above]
        return 1 + max((self._depth(other, above | {item.key}) for other in below), default=0)

    def with_dependents(self, definitions: Iterable[Definition]) -> list[Definition]:
        """Give these definitions and all that wait for one of them, those first that others wait for."""
        found = {item.id: item for item in definitions}
        waiting = list(found.values())
        while waiting:
            for item in self.dependents.get(waiting.pop().key, ()):
                if item.id not in found:
                    found[item.id] = item
                    waiting.append(item)
        return sorted(found.values(), key=lambda item: (self.depth[item.id], item.key))


class MetersOf(dict[str, tuple[Meter, ...]]):
    """The meters by the event type that they read; types are looked up as they come."""

    def __init__(self, meters: Iterable[Meter]) -> None:
        super().__init__()
        self._meters = tuple(meters)

    def __missing__(self, event_type: str) -> tuple[Meter, ...]:
        found = tuple(meter for meter in self._meters if self._may_read(meter, event_type))
        if len(self) < _TYPES_KEPT:
            self[event_type] = found
        return found

    @staticmethod
    def _may_read(meter: Meter, event_type: str) -> bool:
        if meter.metric.event == ANY_EVENT:
            return event_type not in OWN_TYPES
        return meter.metric.event == STANDS_FOR.get(event_type, event_type)


_TYPES_KEPT: Final = 1000
"""Types are words of the senders: whoever invents one for each event does not fill our memory."""


def period_within(period: str, repeats: Repeats) -> str:
    """Name the period of a repeatable achievement that a counter's period lies in; a day may lie in a longer one."""
    if repeats == "never":
        return ONCE
    if len(period) != len("2026-11-22") or repeats == "day":
        return period
    day = datetime.strptime(period, "%Y-%m-%d")  # noqa: DTZ007  # a date, not a moment
    return day.strftime("%G-W%V" if repeats == "week" else "%Y-%m")
