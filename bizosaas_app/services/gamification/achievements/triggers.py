"""Triggers: what a member has to do for an achievement. Parsed once into a typed rule. Pure.

A leaf is a metric with a threshold: `{event, aggregate, field?, filters?, threshold, window?}`; leaves are nested with
`{all_of: [...]}` and `{any_of: [...]}`. Each leaf is reached on its own: in any one of its windows, not in the same
one as its neighbours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, cast

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.gamification.admission import TYPE_LENGTH, TYPE_PATTERN
from bizosaas_app.services.gamification.metrics import ANY_EVENT, VALUE_LIMIT, Metric
from bizosaas_app.services.gamification.periods import WINDOWS, Window

Kind = Literal["all_of", "any_of"]

DEPTH: Final = 4
"""Levels of nesting: more than anybody explains to a member in a sentence."""
LEAVES: Final = 12
"""Conditions of one trigger; each may be a counter on the path of every event."""
FILTERS: Final = 10
WHOLE: Final = ("count", "distinct", "streak")
"""Aggregates that count in whole steps."""
LONGEST_STREAK: Final[dict[Window, int]] = {"day": 1, "week": 7, "month": 31, "all": 3653}
"""Days in a window: no longer streak fits into it."""

_KINDS: Final[tuple[Kind, ...]] = ("all_of", "any_of")
_TYPE: Final = re.compile(TYPE_PATTERN)
_TEXT_LENGTH: Final = 200
_CHOICES: Final = 100
"""Values of an `in` filter."""
_STEP: Final = Decimal("0.0001")
_LEAF_ONLY: Final = ("threshold", "window")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition: the metric reaches the threshold within a window. `index` is its place in the trigger."""

    index: int
    metric: Metric
    threshold: Decimal
    window: Window


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all, or any one, have to be met."""

    kind: Kind
    parts: tuple[Trigger, ...]


Trigger = Leaf | Group


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody has come; `percent` is 100 only when the target is reached."""

    current: Decimal
    target: Decimal
    percent: int


def parse(data: object, path: str = "trigger") -> Trigger:
    """Read a trigger; raises `InputInvalid` that names the fault, such as `trigger.all_of.1.threshold`."""
    trigger = _parse(data, path, depth=1, numbers=iter(range(LEAVES + 1)))
    if sum(1 for _ in leaves(trigger)) > LEAVES:
        raise InputInvalid({path: f"A trigger has at most {LEAVES} conditions"})
    return trigger


def leaves(trigger: Trigger) -> Iterator[Leaf]:
    """Give the conditions in the order of their `index`."""
    if isinstance(trigger, Leaf):
        yield trigger
    else:
        for part in trigger.parts:
            yield from leaves(part)


def is_met(trigger: Trigger, values: Sequence[Decimal]) -> bool:
    """Say whether these values, by the index of their leaf, meet the trigger."""
    if isinstance(trigger, Leaf):
        return values[trigger.index] >= trigger.threshold
    met = (is_met(part, values) for part in trigger.parts)
    return all(met) if trigger.kind == "all_of" else any(met)


def measure(trigger: Trigger, values: Sequence[Decimal]) -> Progress:
    """Give the progress: of a leaf its value; of a group how many parts are met, or its nearest part."""
    if isinstance(trigger, Leaf):
        current = max(values[trigger.index], Decimal(0))
        return Progress(current, trigger.threshold, _percent(current, trigger.threshold))
    parts = [measure(part, values) for part in trigger.parts]
    if trigger.kind == "any_of":
        return max(parts, key=lambda part: part.percent)
    met = sum(part.percent == 100 for part in parts)
    return Progress(Decimal(met), Decimal(len(parts)), sum(part.percent for part in parts) // len(parts))


def target_of(trigger: Trigger) -> Decimal:
    """Give what a stored progress counts up to: a leaf's threshold, or how many conditions there are."""
    return trigger.threshold if isinstance(trigger, Leaf) else Decimal(sum(1 for _ in leaves(trigger)))


def _percent(current: Decimal, target: Decimal) -> int:
    return min(100, int(current * 100 / target))


def _parse(data: object, path: str, *, depth: int, numbers: Iterator[int]) -> Trigger:
    if not isinstance(data, Mapping):
        raise InputInvalid({path: "Must be an object with event, aggregate and threshold, or all_of, or any_of"})
    kind = next((kind for kind in _KINDS if kind in data), None)
    if kind is None:
        return _leaf(data, path, numbers)
    if len(data) > 1:
        raise InputInvalid({path: f"Beside {kind} nothing else can stand"})
    return _group(kind, data[kind], f"{path}.{kind}", depth, numbers)


def _group(kind: Kind, parts: object, path: str, depth: int, numbers: Iterator[int]) -> Group:
    if not isinstance(parts, list) or not 1 <= len(parts) <= LEAVES:
        raise InputInvalid({path: f"Must be a list of 1 to {LEAVES} conditions"})
    if depth >= DEPTH:
        raise InputInvalid({path: f"Conditions are nested at most {DEPTH} levels deep"})
    return Group(
        kind,
        tuple(_parse(part, f"{path}.{number}", depth=depth + 1, numbers=numbers) for number, part in enumerate(parts)),
    )


def _leaf(data: Mapping[str, Any], path: str, numbers: Iterator[int]) -> Leaf:
    metric = Metric.parse({name: data[name] for name in data if name not in _LEAF_ONLY}, path)
    _check_metric(metric, data, path)
    window = data.get("window", "all")
    if window not in WINDOWS:
        raise InputInvalid({f"{path}.window": f"Use one of {', '.join(WINDOWS)}"})
    threshold = _threshold(data.get("threshold"), metric, cast(Window, window), f"{path}.threshold")
    index = next(numbers, LEAVES)  # beyond the limit the number no longer matters: the whole is refused
    return Leaf(index, metric, threshold, cast(Window, window))


def _check_metric(metric: Metric, data: Mapping[str, Any], path: str) -> None:
    is_type = len(metric.event) <= TYPE_LENGTH and _TYPE.fullmatch(metric.event)
    if metric.event != ANY_EVENT and not is_type:
        raise InputInvalid({f"{path}.event": "Use a type such as order.completed, or * for every event"})
    if metric.aggregate == "distinct" and "field" not in data:
        raise InputInvalid({f"{path}.field": "Say of which field different values are counted"})
    if len(metric.filters) > FILTERS:
        raise InputInvalid({f"{path}.filters": f"At most {FILTERS} filters"})
    if not all(_is_text(part) for part in metric.path):
        raise InputInvalid({f"{path}.field": "Use printable names"})
    for number, item in enumerate(metric.filters):
        if not all(_is_text(part) for part in item.path):
            raise InputInvalid({f"{path}.filters.{number}.field": "Use printable names"})
        value = data["filters"][number]["value"]
        values = value if isinstance(value, list) else [value]
        if len(values) > _CHOICES or not all(_is_plain(one) for one in values):
            raise InputInvalid({f"{path}.filters.{number}.value": "Use a text, a number, true or false"})


def _is_text(text: str) -> bool:
    return len(text) <= _TEXT_LENGTH and text.isprintable()


def _is_plain(value: object) -> bool:
    """Say whether jsonb can hold the value and an event's field can equal it."""
    if isinstance(value, str):
        return _is_text(value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, (bool, int)) and abs(value) < VALUE_LIMIT


def _threshold(data: object, metric: Metric, window: Window, path: str) -> Decimal:
    if isinstance(data, bool) or not isinstance(data, (int, float)) or not 0 < data < VALUE_LIMIT:
        raise InputInvalid({path: f"Must be a number above 0 and below {VALUE_LIMIT:,f}"})
    threshold = Decimal(repr(data))
    if threshold != threshold.quantize(_STEP):
        raise InputInvalid({path: "Must have at most four decimals"})
    if metric.aggregate in WHOLE and threshold != int(threshold):
        raise InputInvalid({path: "Must be a whole number"})
    if metric.aggregate == "streak" and threshold > LONGEST_STREAK[window]:
        raise InputInvalid({path: f"A streak within this window has at most {LONGEST_STREAK[window]} days"})
    return threshold
