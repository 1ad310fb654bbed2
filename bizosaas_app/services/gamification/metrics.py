"""Metrics: what an event is worth on a leaderboard or towards an achievement. Pure.

A metric is a trigger without a threshold: `{event, aggregate, field?, filters?}`. `event` is a type or `*`;
`field` is `value` or a path into the event's properties.
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, Protocol, cast, get_args

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.caps import NO_CAPS, Caps
from bizosaas_app.services.gamification.facts import OWN_TYPES
from bizosaas_app.services.gamification.tallies import Fold, Tally

Aggregate = Literal["sum", "count", "max", "distinct", "streak"]
Operator = Literal["incr", "decr", "best", "set"]
Sort = Literal["desc", "asc"]

ANY_EVENT: Final = "*"
VALUE_LIMIT: Final = Decimal(10) ** 11
"""A value stays below this size: with its four decimals it then has the 15 digits that a Valkey score keeps."""
_STEP: Final = Decimal("0.0001")
_ONE: Final = Decimal(1)
_MEMBERS: Final = {"event", "aggregate", "field", "filters"}

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda found, wanted: found in wanted,
}
MISSING: Final = object()
"""What an absent field is found to be."""


class Fact(Protocol):
    """What a metric reads of an event."""

    @property
    def type(self) -> str: ...  # noqa: D102  # a field of the ledger
    @property
    def value(self) -> Decimal | None: ...  # noqa: D102
    @property
    def properties(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def occurred_at(self) -> datetime: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one field of the event; an absent field, or one of another kind, fails it."""

    path: tuple[str, ...]
    op: str
    value: Any

    def accepts(self, fact: Fact) -> bool:
        """Say whether the event meets the condition."""
        found = _look_up(fact, self.path)
        if found is MISSING:
            return False
        try:
            return _COMPARE[self.op](exact(found), self.value)
        except TypeError:
            return False


@dataclass(frozen=True, slots=True)
class Metric:
    """What counts, and how."""

    event: str
    aggregate: Aggregate
    path: tuple[str, ...]
    filters: tuple[Filter, ...]

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str = "metric") -> Metric:
        """Read a metric; raises `InputInvalid` that names what cannot be counted, as parts of `path`."""
        unknown = data.keys() - _MEMBERS
        if unknown:
            raise InputInvalid(
                {f"{path}.{name}": "A metric has only event, aggregate, field and filters" for name in sorted(unknown)}
            )
        event, aggregate = data.get("event"), data.get("aggregate")
        if not isinstance(event, str) or not event:
            raise InputInvalid({f"{path}.event": "Name an event type, or * for every event"})
        if aggregate not in get_args(Aggregate):
            raise InputInvalid({f"{path}.aggregate": f"Use one of {', '.join(get_args(Aggregate))}"})
        filters = _filters(data.get("filters", ()), path)
        return cls(event, cast(Aggregate, aggregate), _path(data.get("field", "value"), f"{path}.field"), filters)

    def means(self, event_type: str) -> bool:
        """Say whether events of this type may count; `*` means all but those that follow from others."""
        return event_type == self.event or (self.event == ANY_EVENT and event_type not in OWN_TYPES)

    def accepts(self, fact: Fact) -> bool:
        """Say whether the event is of the type and meets every condition."""
        return self.means(fact.type) and (not self.filters or all(item.accepts(fact) for item in self.filters))

    def look_up(self, fact: Fact) -> Any:
        """Give what the event holds in the metric's field, or `MISSING`."""
        return _look_up(fact, self.path)

    def points(self, fact: Fact) -> Decimal | None:
        """Give what the event counts for, or None when it does not count."""
        return self.amount(fact) if self.accepts(fact) else None

    def amount(self, fact: Fact) -> Decimal | None:
        """Give what an event that is accepted counts for; None when its field holds no number."""
        return _ONE if self.aggregate == "count" else _number(self.look_up(fact))


Derived = Literal["distinct", "streak"]
"""Scores that do not grow event by event."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A metric with the way in which a board combines its points, and the caps on them."""

    metric: Metric
    fold: Fold
    sign: int = 1
    caps: Caps = NO_CAPS
    derived: Derived | None = None

    @classmethod
    def of(cls, metric: Mapping[str, Any], operator: str, sort: str, caps: Caps = NO_CAPS) -> Rule:
        """Make the rule of a board: `best` keeps the record, in the direction of the sort, and so does `max`."""
        parsed = Metric.parse(metric)
        if parsed.aggregate in get_args(Derived):
            return cls(parsed, "add", caps=caps, derived=cast(Derived, parsed.aggregate))
        if operator == "set":
            return cls(parsed, "latest", caps=caps)
        if operator == "best" or parsed.aggregate == "max":
            return cls(parsed, "lowest" if operator == "best" and sort == "asc" else "highest", caps=caps)
        return cls(parsed, "add", -1 if operator == "decr" else 1, caps)

    @property
    def plain_fold(self) -> Fold | None:
        """The fold of a score that grows event by event, in any order; None when it needs a look at them all."""
        if self.derived is not None or self.caps.smallest_interval is not None:
            return None
        return self.fold if self.caps.largest_change is None or self.fold == "add" else None

    def tally(self, fact: Fact) -> Tally | None:
        """Give the tally of this one event; None when it does not move the score, whatever else there is."""
        points = self._points(fact)
        if points is None or (self.fold == "add" and (points == 0 or self.caps.is_too_large(points))):
            return None
        return Tally(points * self.sign, fact.occurred_at, 1)

    def _points(self, fact: Fact) -> Decimal | None:
        if self.derived is None:
            return self.metric.points(fact)
        is_counted = self.metric.accepts(fact) and (self.derived == "streak" or self.identity_of(fact) is not None)
        return Decimal(1) if is_counted else None

    def identity_of(self, fact: Fact) -> Hashable | None:
        """Give what tells the field's values apart: 1 is 1.0, yet neither true nor "1"; None for no value."""
        found = self.metric.look_up(fact)
        if found is MISSING or found is None:
            return None
        if isinstance(found, (Mapping, list)):
            return json.dumps(found, sort_keys=True)
        return type(exact(found)), exact(found)


def _path(field: object, name: str) -> tuple[str, ...]:
    if not isinstance(field, str) or not all(field.split(".")):
        raise InputInvalid({name: "Use value, or a path such as properties.amount"})
    head, *rest = field.split(".")
    if rest and head == "properties":
        return ("properties", *rest)
    return (head,) if not rest and head in ("value", "type") else ("properties", head, *rest)


def _filters(data: object, path: str) -> tuple[Filter, ...]:
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise InputInvalid({f"{path}.filters": "Must be a list"})
    return tuple(_filter(item, f"{path}.filters.{number}") for number, item in enumerate(data))


def _filter(data: object, name: str) -> Filter:
    if not isinstance(data, Mapping) or data.keys() != {"field", "op", "value"}:
        raise InputInvalid({name: "Needs field, op and value"})
    if not isinstance(data["op"], str) or data["op"] not in _COMPARE:
        raise InputInvalid({f"{name}.op": f"Use one of {', '.join(_COMPARE)}"})
    if data["op"] == "in" and not isinstance(data["value"], list):
        raise InputInvalid({f"{name}.value": "Must be a list"})
    return Filter(_path(data["field"], f"{name}.field"), data["op"], exact(data["value"]))


def _look_up(fact: Fact, path: tuple[str, ...]) -> Any:
    if path == ("value",):
        return MISSING if fact.value is None else fact.value
    if path == ("type",):
        return fact.type
    found: Any = fact.properties
    for name in path[1:]:
        if not isinstance(found, Mapping) or name not in found:
            return MISSING
        found = found[name]
    return found


def _number(found: Any) -> Decimal | None:
    """Give a JSON number as points, rounded to the ledger's four decimals; anything else counts for nothing."""
    number = exact(found)
    if not isinstance(number, Decimal) or abs(number) >= VALUE_LIMIT:
        return None
    return number.quantize(_STEP)


def exact(found: Any) -> Any:
    """Give a JSON number as the decimal that it was written as, so that 0.1 equals 0.1; the rest as it is."""
    if isinstance(found, list):
        return [exact(item) for item in found]
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return found
    return Decimal(repr(found)) if not isinstance(found, float) or math.isfinite(found) else None
