"""Rows of the rule builder: a rule as its controls hold it, text as it was typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypedDict

from state.rows import Choice

Join = Literal["all_of", "any_of"]


class FilterRow(TypedDict):
    """One more condition on the events that count: a field, how it is compared, and with what."""

    id: str
    field: str
    op: str
    value: str
    error: str


class ConditionRow(TypedDict):
    """One sentence of a rule. `fields` are the fields that its events have; `wrong` names the control of `error`."""

    id: str
    label: str
    aggregate: str
    field: str
    event: str
    threshold: str
    window: str
    filters: list[FilterRow]
    fields: list[Choice]
    error: str
    wrong: str


class PartRow(TypedDict):
    """A sentence that stands alone, or a group of sentences with how they are joined."""

    id: str
    label: str
    is_group: bool
    join: str
    conditions: list[ConditionRow]


@dataclass(frozen=True)
class Rule:
    """A whole rule: its parts and how they are joined."""

    join: str = "all_of"
    parts: list[PartRow] = field(default_factory=list)


@dataclass(frozen=True)
class EventKind:
    """An event type that can be counted: how it is named, and the fields that its events have."""

    type: str
    label: str
    fields: tuple[str, ...] = ()
