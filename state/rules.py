"""A rule as rows of the builder, and the rows as a rule again. Pure.

A rule is what the gateway takes: a condition `{event, aggregate, field?, filters?, threshold, window?}`, or
`{all_of: [...]}` and `{any_of: [...]}` of them. The rows show one level of groups within the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from state import rule_values
from state.rule_rows import ConditionRow, FilterRow, PartRow, Rule
from state.rule_words import FIELD_AGGREGATES

Fresh = Callable[[], str]
"""Gives an id that no row has had yet, so that the browser does not take a new control for an old one."""

_JOINS: Final = ("all_of", "any_of")


class TooDeep(Exception):
    """The rule nests groups more deeply than the builder shows; only the API can change it."""


def read(rule: Mapping[str, Any], fresh: Fresh) -> Rule:
    """Give the rows of a rule; raises `TooDeep`."""
    join = _join_of(rule)
    if join is None:
        return Rule(parts=[_part(rule, fresh)])
    return Rule(join, [_part(part, fresh) for part in rule[join]])


def write(rule: Rule) -> dict[str, Any]:
    """Give the rule that the rows stand for."""
    parts = [_document(part) for part in rule.parts]
    return parts[0] if len(parts) == 1 else {rule.join: parts}


def write_metric(rule: Rule) -> dict[str, Any]:
    """Give the metric of the first condition: what counts, without how much of it is asked for."""
    found = _leaf(rule.parts[0]["conditions"][0]) if rule.parts else {}
    return {name: value for name, value in found.items() if name not in ("threshold", "window")}


def blank(fresh: Fresh, event: str = "task.completed") -> ConditionRow:
    """Give a condition to begin with."""
    return _condition({"event": event, "aggregate": "count", "threshold": 1}, fresh)


def blank_filter(fresh: Fresh, field: str = "value") -> FilterRow:
    """Give a filter to begin with."""
    return FilterRow(id=fresh(), field=field, op="gte" if field == "value" else "eq", value="", error="")


def alone(condition: ConditionRow) -> PartRow:
    """Give a part that is one condition."""
    return PartRow(id=condition["id"], label="", is_group=False, join="all_of", conditions=[condition])


def group(conditions: list[ConditionRow], fresh: Fresh, join: str = "any_of") -> PartRow:
    """Give a part that is a group of conditions."""
    return PartRow(id=fresh(), label="", is_group=True, join=join, conditions=conditions)


def conditions(rule: Rule) -> Iterator[ConditionRow]:
    """Give all conditions, in their order."""
    for part in rule.parts:
        yield from part["conditions"]


def places(rule: Rule, root: str = "trigger") -> Iterator[tuple[str, str]]:
    """Give where each condition stands in the written rule, as (path, id), such as `trigger.all_of.1`."""
    for number, part in enumerate(rule.parts):
        path = root if len(rule.parts) == 1 else f"{root}.{rule.join}.{number}"
        for index, condition in enumerate(part["conditions"]):
            is_alone = len(part["conditions"]) == 1
            yield (path if is_alone else f"{path}.{part['join']}.{index}"), condition["id"]


def _join_of(rule: Mapping[str, Any]) -> str | None:
    return next((join for join in _JOINS if join in rule), None)


def _part(rule: Mapping[str, Any], fresh: Fresh) -> PartRow:
    join = _join_of(rule)
    if join is None:
        return alone(_condition(rule, fresh))
    if any(_join_of(part) for part in rule[join]):
        raise TooDeep
    return group([_condition(part, fresh) for part in rule[join]], fresh, join)


def _condition(leaf: Mapping[str, Any], fresh: Fresh) -> ConditionRow:
    return ConditionRow(
        id=fresh(),
        label="",
        aggregate=leaf["aggregate"],
        field=leaf.get("field", "value"),
        event=leaf["event"],
        threshold=rule_values.write_value(leaf.get("threshold", "")),
        window=leaf.get("window", "all"),
        filters=[_filter(item, fresh) for item in leaf.get("filters", ())],
        fields=[],
        error="",
        wrong="",
    )


def _filter(item: Mapping[str, Any], fresh: Fresh) -> FilterRow:
    return FilterRow(
        id=fresh(), field=item["field"], op=item["op"], value=rule_values.write_value(item["value"]), error=""
    )


def _document(part: PartRow) -> dict[str, Any]:
    found = [_leaf(condition) for condition in part["conditions"]]
    return found[0] if len(found) == 1 else {part["join"]: found}


def _leaf(row: ConditionRow) -> dict[str, Any]:
    leaf: dict[str, Any] = {"event": row["event"], "aggregate": row["aggregate"]}
    if row["aggregate"] in FIELD_AGGREGATES:
        leaf["field"] = row["field"]
    if row["filters"]:
        leaf["filters"] = [_written(item) for item in row["filters"]]
    leaf["threshold"] = rule_values.read_number(row["threshold"])
    if row["window"] != "all":
        leaf["window"] = row["window"]
    return leaf


def _written(row: FilterRow) -> dict[str, Any]:
    read_value = rule_values.read_values if row["op"] == "in" else rule_values.read_value
    return {"field": row["field"], "op": row["op"], "value": read_value(row["value"])}
