"""Admission: which events may enter the ledger, decided one by one. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from bizosaas_app.services.gamification.facts import OWN_TYPES
from bizosaas_app.services.gamification.metrics import VALUE_LIMIT

TYPE_PATTERN: Final = r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*"
TYPE_LENGTH: Final = 100
RESERVED_PREFIX: Final = "event."
"""Types that the ledger writes by itself, such as a reversal."""
PROPERTIES_BYTES: Final = 8 * 1024
"""Room for the facts of an event; documents belong elsewhere."""
AHEAD: Final = timedelta(minutes=5)
"""How far a sender's clock may be ahead of ours."""
BEHIND: Final = timedelta(days=3653)
"""Ten years back: older dates come from a broken clock or a wrong unit."""

_DEPTH: Final = 32
"""Deeper nesting is no fact but an attack on whoever walks through it."""
_JSON_ONLY: Final = f"Properties hold JSON only, nested at most {_DEPTH} deep, without NaN, infinity or NUL"
_TYPE: Final = re.compile(TYPE_PATTERN)
_STEP: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event as its sender tells it; the sender makes `event_id`, so that a replay is recognised."""

    event_id: UUID
    type: str
    user_id: UUID | None = None
    value: Decimal | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted(NewEvent):
    """An event that may be written: its value has four decimals, and its time is known."""

    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why the event at `index` of the batch was not taken."""

    index: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Sorted:
    """A batch after admission; `repeated` counts events that stand in the batch a second time."""

    admitted: list[Admitted]
    rejected: list[Rejection]
    repeated: int


def sort(events: Sequence[NewEvent], members: Collection[UUID], now: datetime, *, is_own: bool = False) -> Sorted:
    """Divide a batch into what may be written and what may not; `members` are the known users among it.

    `is_own` says that our services send it: only they may use the ledger's own types.
    """
    admitted: dict[UUID, Admitted] = {}
    rejected: list[Rejection] = []
    repeated = 0
    for index, event in enumerate(events):
        fault = find_fault(event, members, now, is_own=is_own)
        if fault is not None:
            rejected.append(Rejection(index, *fault))
        elif event.event_id in admitted:
            repeated += 1
        else:
            admitted[event.event_id] = _admit(event, now)
    return Sorted(list(admitted.values()), rejected, repeated)


def find_fault(
    event: NewEvent, members: Collection[UUID], now: datetime, *, is_own: bool = False
) -> tuple[str, str] | None:
    """Give the code and the message of what is wrong with the event, or None."""
    if len(event.type) > TYPE_LENGTH or _TYPE.fullmatch(event.type) is None:
        return "type_invalid", "Use small letters, digits, _ and -, in parts joined by dots, such as order.completed"
    if event.type.startswith(RESERVED_PREFIX):
        return "type_reserved", f"Types that begin with {RESERVED_PREFIX} are the ledger's own"
    if event.type in OWN_TYPES and not is_own:
        return "type_reserved", f"{event.type} is recorded by the platform itself"
    if event.user_id is not None and event.user_id not in members:
        return "user_unknown", "No member of this tenant has this user_id"
    if event.value is not None and not (event.value.is_finite() and abs(event.value) < VALUE_LIMIT):
        return "value_out_of_range", f"The value must be a number smaller than {VALUE_LIMIT:,f}"
    return _find_time_fault(event.occurred_at, now) or _find_properties_fault(event.properties)


def _find_time_fault(occurred_at: datetime | None, now: datetime) -> tuple[str, str] | None:
    if occurred_at is None:
        return None
    if occurred_at > now + AHEAD:
        return "occurred_in_future", "occurred_at is more than 5 minutes ahead of our clock"
    if occurred_at < now - BEHIND:
        return "occurred_too_early", "occurred_at is more than ten years back"
    return None


def _find_properties_fault(properties: Mapping[str, Any]) -> tuple[str, str] | None:
    if not is_storable(properties):
        return "properties_invalid", _JSON_ONLY
    if len(json.dumps(properties, separators=(",", ":"), ensure_ascii=False).encode()) > PROPERTIES_BYTES:
        return "properties_too_large", f"Properties take more than {PROPERTIES_BYTES} bytes"
    return None


def _walk(value: Any) -> Iterable[Any]:
    """Give every key and leaf inside a JSON value; what is nested too deep is given whole, as no leaf."""
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if depth < _DEPTH and isinstance(item, Mapping):
            yield from item
            waiting.extend((inner, depth + 1) for inner in item.values())
        elif depth < _DEPTH and isinstance(item, (list, tuple)):
            waiting.extend((inner, depth + 1) for inner in item)
        else:
            yield item


def is_storable(value: Any) -> bool:
    """Say whether the value is JSON that the database can hold, and not nested too deep."""
    return all(map(_is_storable, _walk(value)))


def _is_storable(leaf: Any) -> bool:
    """Say whether PostgreSQL's jsonb can hold the leaf: it knows neither NUL nor half of a surrogate pair."""
    if isinstance(leaf, str):
        return "\0" not in leaf and not any("\ud800" <= letter <= "\udfff" for letter in leaf)
    if isinstance(leaf, float):
        return math.isfinite(leaf)
    return leaf is None or isinstance(leaf, (bool, int))


def _admit(event: NewEvent, now: datetime) -> Admitted:
    return Admitted(
        event_id=event.event_id,
        type=event.type,
        user_id=event.user_id,
        value=None if event.value is None else event.value.quantize(_STEP),
        properties=event.properties,
        occurred_at=event.occurred_at or now,
    )
