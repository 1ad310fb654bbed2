"""Meters: what is counted for a member, shared by every achievement that asks the same of an event. Pure.

Two leaves that differ in their threshold alone have one meter, and so one counter for each member.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Final, Literal, NamedTuple, cast

from bizosaas_app.services.gamification.facts import STANDS_FOR, LedgerFact
from bizosaas_app.services.gamification.metrics import MISSING, Filter, Metric, exact
from bizosaas_app.services.gamification.periods import ALL_TIME, Window, period_of

Fold = Literal["add", "max"]

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_KEY_LENGTH: Final = 32
"""Hexadecimal digits: the table keeps the key as a UUID."""
_MEMBER_LENGTH: Final = 100
"""A longer value is known by its hash: members are keys, and an index row has its limit."""


class Reading(NamedTuple):
    """What one event adds: an amount, or a member of a set (a day, a value); unconfirmed it may still be undone."""

    period: str
    amount: Decimal
    member: str | None
    is_confirmed: bool


@dataclass(frozen=True, eq=False)
class Meter:
    """What counts, in which windows, from when to when; `cap` bounds how much of one day counts."""

    metric: Metric
    window: Window
    cap: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    needs_verified: bool = True
    key: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", _key(self))

    @cached_property
    def is_set(self) -> bool:
        """Whether the count is taken of a set of members: days, or different values."""
        return self.cap is not None or self.metric.aggregate in ("distinct", "streak")

    @property
    def bound(self) -> int:
        """How often one member of the set counts."""
        return 1 if self.cap is None else self.cap

    @cached_property
    def fold(self) -> Fold:
        """How a counter takes in what is new; a streak never shrinks as days are added."""
        return "max" if self.metric.aggregate in ("max", "streak") else "add"

    @property
    def types(self) -> frozenset[str]:
        """The event types that it reads, those among them that only stand for one."""
        return frozenset({self.metric.event, *(held for held, real in STANDS_FOR.items() if real == self.metric.event)})

    def read(self, fact: LedgerFact, timezone: str) -> Reading | None:
        """Give what the event adds, or None when it does not count."""
        is_held = fact.type in STANDS_FOR
        seen = replace(fact, type=STANDS_FOR[fact.type]) if is_held else fact
        if not self.metric.accepts(seen) or (self._is_boxed and not self._is_open_at(fact.occurred_at)):
            return None
        amount, member = self._content(seen, timezone)
        if amount is None:
            return None
        is_vouched = not (self.needs_verified and fact.is_self_reported)
        period = period_name(fact.occurred_at, self.window, timezone)
        return Reading(period, amount, member, is_vouched and not is_held)

    @cached_property
    def _is_boxed(self) -> bool:
        return self.starts_at is not None or self.ends_at is not None

    def _is_open_at(self, moment: datetime) -> bool:
        return (self.starts_at is None or moment >= self.starts_at) and (self.ends_at is None or moment < self.ends_at)

    def _content(self, fact: LedgerFact, timezone: str) -> tuple[Decimal | None, str | None]:
        if not self.is_set:
            amount = self.metric.amount(fact)
            return (amount if amount is None or self.fold == "add" else max(amount, _ZERO)), None
        if self.metric.aggregate != "distinct":
            return _ONE, period_name(fact.occurred_at, "day", timezone)
        member = _member(self.metric.look_up(fact))
        return (None if member is None else _ONE), member

    def count(self, members: Mapping[str, int]) -> Decimal:
        """Give the value of a set: members by how many events name each."""
        if self.cap is not None:
            return Decimal(sum(min(count, self.cap) for count in members.values()))
        named = [member for member, count in members.items() if count > 0]
        return Decimal(longest_run(named) if self.metric.aggregate == "streak" else len(named))

    def growth(self, before: int, after: int) -> Decimal:
        """Give what the value of a set grows by when one member is named more often; not for streaks."""
        return Decimal(min(after, self.bound) - min(before, self.bound))


def longest_run(days: list[str]) -> int:
    """Give the length of the longest run of consecutive days among these, named as `2026-11-22`."""
    numbers = {date.fromisoformat(day).toordinal() for day in days}
    longest = 0
    for number in numbers:
        if number - 1 not in numbers:
            end = number + 1
            while end in numbers:
                end += 1
            longest = max(longest, end - number)
    return longest


def period_name(moment: datetime, window: Window, timezone: str) -> str:
    """Name the period of this window that holds the moment."""
    return ALL_TIME if window == "all" else _named(moment, window, timezone)


@lru_cache(maxsize=4096)
def _named(moment: datetime, window: Window, timezone: str) -> str:
    """Name it once for all the meters that ask about one event."""
    return period_of(moment, window, timezone)


def _member(found: Any) -> str | None:
    """Name a value of a field, equal numbers alike; nothing, and no value, is no member."""
    if found is MISSING or found is None or found == "":
        return None
    value = exact(found)
    text = _plain(value) if isinstance(value, Decimal) else json.dumps(value, sort_keys=True, default=_number)
    return text if len(text) <= _MEMBER_LENGTH else hashlib.sha256(text.encode()).hexdigest()


def _number(value: object) -> dict[str, str]:
    """Write a decimal so that it is not taken for a text."""
    return {"number": _plain(cast(Decimal, value))}


def _plain(number: Decimal) -> str:
    return str(number.normalize() + 0)


def _key(meter: Meter) -> str:
    metric = meter.metric
    parts = [
        metric.event,
        metric.aggregate,
        [] if metric.aggregate in ("count", "streak") else list(metric.path),
        sorted(json.dumps([list(item.path), item.op, item.value], default=_number) for item in metric.filters),
        meter.window,
        meter.cap,
        meter.starts_at.isoformat() if meter.starts_at else None,
        meter.ends_at.isoformat() if meter.ends_at else None,
        meter.needs_verified,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:_KEY_LENGTH]


def on_platform(metric: Metric, platform: str | None) -> Metric:
    """Give the metric that counts the events of one platform alone; of every one when none is named."""
    if platform is None:
        return metric
    return replace(metric, filters=(*metric.filters, Filter(("properties", "platform"), "eq", platform)))
