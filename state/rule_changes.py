"""What the rule builder's controls do to a rule, and what is shown beside them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from state import rule_words, rules, words
from state.rows import Choice
from state.rule_rows import ConditionRow, EventKind, FilterRow, PartRow, Rule
from state.rules import Fresh

LONGEST_TEXT: Final = 1000
MOST_CONDITIONS: Final = 12
MOST_FILTERS: Final = 10
"""The gateway takes no more."""
ADD_BUTTON: Final = "rule-add"
"""Id of the button that adds a condition."""
EMPTY: Final = 'Say what it is compared with, or "" for an empty text'
EVERY_FIELD: Final = ("value",)
"""Fields that any event has."""

_CHOICES: Final[Mapping[str, list[Choice]]] = {
    "aggregate": rule_words.AGGREGATES,
    "window": rule_words.WINDOWS,
    "op": rule_words.OPERATORS,
}
_GROUPS: Final = ("all_of", "any_of")
_TEXTS: Final = ("event", "field", "threshold", "value")


def change(rule: Rule, row_id: str, name: str, value: str) -> Rule:
    """Put a value into a control of a condition, of a filter, or of a group."""
    if not _fits(name, value):
        return rule
    if name == "join":
        return _join(rule, row_id, value)
    return _each(rule, lambda row: _changed(row, row_id, name, value))


def add(rule: Rule, fresh: Fresh, group_id: str = "") -> Rule:
    """Add a condition to the rule, or to one of its groups."""
    if len(list(rules.conditions(rule))) >= MOST_CONDITIONS:
        return rule
    if not group_id:
        return Rule(rule.join, [*rule.parts, rules.alone(rules.blank(fresh))])
    return Rule(rule.join, [_extended(part, fresh) if part["id"] == group_id else part for part in rule.parts])


def add_group(rule: Rule, fresh: Fresh) -> Rule:
    """Add a group of two conditions, joined the other way than the rule is."""
    if len(list(rules.conditions(rule))) > MOST_CONDITIONS - 2:
        return rule
    other = "any_of" if rule.join == "all_of" else "all_of"
    return Rule(rule.join, [*rule.parts, rules.group([rules.blank(fresh), rules.blank(fresh)], fresh, other)])


def remove(rule: Rule, row_id: str) -> Rule:
    """Take a condition, a filter or a whole group away; the last condition stays."""
    kept = [_without(part, row_id) for part in rule.parts if not (part["is_group"] and part["id"] == row_id)]
    parts = [part for part in kept if part["conditions"]]
    return Rule(rule.join, parts) if parts else rule


def button_near(rule: Rule, row_id: str) -> str:
    """Give the id of the button that adds what is taken away: a filter to its condition, or another condition."""
    for row in rules.conditions(rule):
        if any(item["id"] == row_id for item in row["filters"]):
            return f"filter-{row['id']}"
    return ADD_BUTTON


def add_filter(rule: Rule, condition_id: str, fresh: Fresh) -> Rule:
    """Add a filter to a condition."""
    return _each(rule, lambda row: _filtered(row, fresh) if row["id"] == condition_id else row)


def dress(rule: Rule, kinds: Sequence[EventKind]) -> Rule:
    """Give the rule with labels for its rows and the fields that can be chosen in each."""
    fields = {kind.type: kind.fields for kind in kinds}
    numbers = {row["id"]: number for number, row in enumerate(rules.conditions(rule), start=1)}
    dressed = _each(
        rule,
        lambda row: {
            **row,
            "label": f"Condition {numbers[row['id']]}",
            "fields": _fields(row, fields.get(row["event"], ())),
        },
    )
    return Rule(rule.join, [{**part, "label": f"Group {number}"} for number, part in enumerate(dressed.parts, start=1)])


def events(rule: Rule, kinds: Sequence[EventKind]) -> list[Choice]:
    """Give the event types that can be chosen; those of the rule are among them."""
    known = {kind.type: kind.label for kind in kinds}
    used = {row["event"] for row in rules.conditions(rule)} - known.keys()
    return [Choice(value=name, label=label) for name, label in known.items()] + [
        Choice(value=name, label=rule_words.event_name(name)) for name in sorted(used)
    ]


def tell(rule: Rule, refused: Mapping[str, str], root: str = "trigger") -> tuple[Rule, str]:
    """Put each refusal beside the control that it is about; give also what is about the rule as a whole."""
    cleared = _each(rule, _cleared)
    places = sorted(rules.places(rule, root), key=lambda place: -len(place[0]))
    whole: list[str] = []
    for path, message in refused.items():
        place, row_id = next(
            ((place, row_id) for place, row_id in places if path.startswith(f"{place}.") or path == place), ("", "")
        )
        rest = path.removeprefix(place).lstrip(".").split(".")
        if not row_id or not rest[0] or rest[0] in _GROUPS:
            whole.append(words.sentence(message))
            continue
        cleared = _each(cleared, _telling(row_id, rest, words.sentence(message)))
    return cleared, " ".join(dict.fromkeys(whole))


def gaps(rule: Rule, root: str = "trigger") -> dict[str, str]:
    """Give what is still to be typed, by its path: nothing in a filter is no text, and no number either."""
    paths = {row_id: path for path, row_id in rules.places(rule, root)}
    return {
        f"{paths[row['id']]}.filters.{number}.value": EMPTY
        for row in rules.conditions(rule)
        for number, item in enumerate(row["filters"])
        if not item["value"].strip()
    }


def _fits(name: str, value: str) -> bool:
    if name == "join":
        return value in _GROUPS
    if name in _CHOICES:
        return value in {choice["value"] for choice in _CHOICES[name]}
    return name in _TEXTS and len(value) <= LONGEST_TEXT


def _join(rule: Rule, part_id: str, join: str) -> Rule:
    if not part_id:
        return Rule(join, rule.parts)
    return Rule(rule.join, [{**part, "join": join} if part["id"] == part_id else part for part in rule.parts])


def _changed(row: ConditionRow, row_id: str, name: str, value: str) -> ConditionRow:
    if row["id"] == row_id and name in ("aggregate", "field", "event", "threshold", "window"):
        return {**row, name: value, "error": "", "wrong": ""}  # type: ignore[misc]  # one of its names
    filters = [_changed_filter(item, row_id, name, value) for item in row["filters"]]
    return {**row, "filters": filters}


def _changed_filter(row: FilterRow, row_id: str, name: str, value: str) -> FilterRow:
    if row["id"] == row_id and name in ("field", "op", "value"):
        return {**row, name: value, "error": ""}  # type: ignore[misc]  # one of its names
    return row


def _extended(part: PartRow, fresh: Fresh) -> PartRow:
    return {**part, "conditions": [*part["conditions"], rules.blank(fresh)]}


def _without(part: PartRow, row_id: str) -> PartRow:
    kept = [row for row in part["conditions"] if row["id"] != row_id]
    return {**part, "conditions": [_unfiltered(row, row_id) for row in kept]}


def _unfiltered(row: ConditionRow, filter_id: str) -> ConditionRow:
    return {**row, "filters": [item for item in row["filters"] if item["id"] != filter_id]}


def _filtered(row: ConditionRow, fresh: Fresh) -> ConditionRow:
    if len(row["filters"]) >= MOST_FILTERS:
        return row
    names = [choice["value"] for choice in row["fields"] if choice["value"] not in EVERY_FIELD]
    return {**row, "filters": [*row["filters"], rules.blank_filter(fresh, names[0] if names else "value")]}


def _fields(row: ConditionRow, known: Sequence[str]) -> list[Choice]:
    """Give the fields of the condition's events; those that it names already are among them."""
    kind = ("type",) if row["event"] == "*" else ()
    named = (row["field"], *(item["field"] for item in row["filters"]))
    found = dict.fromkeys((*EVERY_FIELD, *kind, *known, *named))
    return [Choice(value=name, label=rule_words.field_name(name)) for name in found]


def _cleared(row: ConditionRow) -> ConditionRow:
    return {**row, "error": "", "wrong": "", "filters": [{**item, "error": ""} for item in row["filters"]]}


def _telling(row_id: str, rest: Sequence[str], message: str) -> Callable[[ConditionRow], ConditionRow]:
    def told(row: ConditionRow) -> ConditionRow:
        if row["id"] != row_id:
            return row
        number = int(rest[1]) if rest[0] == "filters" and len(rest) > 1 and rest[1].isdigit() else None
        if number is None:
            return {**row, "error": message, "wrong": rest[0]}
        told_filters: list[Any] = [
            {**item, "error": message} if index == number else item for index, item in enumerate(row["filters"])
        ]
        return {**row, "filters": told_filters}

    return told


def _each(rule: Rule, act: Callable[[ConditionRow], ConditionRow]) -> Rule:
    return Rule(rule.join, [{**part, "conditions": [act(row) for row in part["conditions"]]} for part in rule.parts])
