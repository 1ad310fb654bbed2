"""How a rule reads: the choices of its controls, and the whole of it as a sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from state import words
from state.rows import Choice

FIELD_AGGREGATES: Final = ("sum", "max", "distinct")
"""Aggregates that look at a field of each event."""
AGGREGATES: Final[list[Choice]] = [
    {"value": "count", "label": "the number of"},
    {"value": "sum", "label": "the total of"},
    {"value": "max", "label": "the largest"},
    {"value": "distinct", "label": "different values of"},
    {"value": "streak", "label": "days in a row with"},
]
WINDOWS: Final[list[Choice]] = [
    {"value": "all", "label": "all time"},
    {"value": "month", "label": "a calendar month"},
    {"value": "week", "label": "a calendar week"},
    {"value": "day", "label": "a single day"},
]
JOINS: Final[list[Choice]] = [
    {"value": "all_of", "label": "all of these"},
    {"value": "any_of", "label": "any of these"},
]
OPERATORS: Final[list[Choice]] = [
    {"value": "eq", "label": "is"},
    {"value": "ne", "label": "is not"},
    {"value": "gt", "label": "is more than"},
    {"value": "gte", "label": "is at least"},
    {"value": "lt", "label": "is less than"},
    {"value": "lte", "label": "is at most"},
    {"value": "in", "label": "is one of"},
]

_EVENTS: Final[Mapping[str, str]] = {
    "*": "acts of any kind",
    "task.completed": "tasks completed",
    "wizard.completed": "wizards finished",
    "social.posted": "posts written",
    "content.published": "pieces of content published",
    "order.completed": "orders completed",
    "lead.won": "leads won",
    "review.received": "reviews received",
    "campaign.launched": "campaigns launched",
    "campaign.completed": "campaigns completed",
    "referral.signed_up": "referral sign-ups",
    "referral.approved": "referrals approved",
    "achievement.unlocked": "achievements unlocked",
    "leaderboard.podium": "podium places",
}
_FIELDS: Final[Mapping[str, str]] = {"value": "points", "type": "kind"}
_OPERATORS: Final = {choice["value"]: choice["label"] for choice in OPERATORS}
_WITHIN: Final = {"month": " within a calendar month", "week": " within a calendar week", "day": " on a single day"}
_AND: Final = {"all_of": ", and ", "any_of": ", or "}


def event_name(event_type: str) -> str:
    """Give the name of an event type, in the plural where we know it."""
    return _EVENTS.get(event_type, event_type.replace(".", " ").replace("_", " "))


def field_name(name: str) -> str:
    """Give the name of an event's field."""
    return _FIELDS.get(name) or name.removeprefix("properties.").replace(".", " ").replace("_", " ")


def sentence(trigger: Mapping[str, Any]) -> str:
    """Say what a member has to do, in one sentence."""
    return f"When a member has {_say(trigger)}." if trigger else ""


def _say(rule: Mapping[str, Any]) -> str:
    kind = next((kind for kind in _AND if kind in rule), None)
    if kind is None:
        return _condition(rule)
    parts = [_say(part) for part in rule[kind]]
    inner = [
        f"({text})" if len(rule[kind]) > 1 and set(part) & set(_AND) else text
        for part, text in zip(rule[kind], parts, strict=True)
    ]
    return _AND[kind].join(inner)


def _condition(rule: Mapping[str, Any]) -> str:
    least, name, field = (
        _amount(rule.get("threshold")),
        event_name(rule["event"]),
        field_name(rule.get("field", "value")),
    )
    said = {
        "count": f"{least} or more {name}",
        "sum": f"{least} or more {field} in total from {name}",
        "max": f"{least} or more {field} at once among {name}",
        "distinct": f"{least} or more different values of {field} among {name}",
        "streak": f"{name} on {least} {'day' if least == '1' else 'days'} in a row",
    }[rule["aggregate"]]
    return said + _where(rule.get("filters", ())) + _WITHIN.get(rule.get("window", "all"), "")


def _where(filters: Any) -> str:
    said = [f"{field_name(item['field'])} {_OPERATORS[item['op']]} {_value(item['value'])}" for item in filters]
    return f" where {' and '.join(said)}" if said else ""


def _value(value: Any) -> str:
    """Give a value in words; one that is still to be typed is a gap."""
    said = " or ".join(map(str, value)) if isinstance(value, list) else str(value)
    return said or "\N{HORIZONTAL ELLIPSIS}"


def _amount(value: Any) -> str:
    return words.number(value) if isinstance(value, (int, float)) else str(value or "some")
