"""Rules as the builder's rows, and back: pure."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from bizosaas_app.services.gamification.achievements import triggers
from bizosaas_app.services.gamification.achievements.catalogue import PREDEFINED
from bizosaas_app.services.gamification.boards import DEFAULTS
from bizosaas_app.services.gamification.metrics import Metric
from state import rule_changes, rule_values, rule_words, rules
from state.rule_rows import EventKind, Rule
from state.rules import Fresh, TooDeep

KINDS = [EventKind("task.completed", "tasks completed", ("project",)), EventKind("order.completed", "orders completed")]
NESTED = {
    "all_of": [
        {"event": "task.completed", "aggregate": "count", "threshold": 5, "window": "month"},
        {
            "any_of": [
                {"event": "lead.won", "aggregate": "sum", "field": "value", "threshold": 2.5},
                {
                    "event": "order.completed",
                    "aggregate": "max",
                    "field": "properties.amount",
                    "threshold": 100,
                    "filters": [
                        {"field": "country", "op": "in", "value": ["DE", 4, True, "4", "a, b", ""]},
                        {"field": "is_new", "op": "eq", "value": True},
                        {"field": "note", "op": "ne", "value": "true"},
                    ],
                },
            ]
        },
    ]
}


def fresh() -> Fresh:
    numbers = count(1)
    return lambda: f"c{next(numbers)}"


def opened(trigger: Any) -> Rule:
    return rule_changes.dress(rules.read(trigger, fresh()), KINDS)


@pytest.mark.parametrize("item", PREDEFINED, ids=lambda item: item.key)
def test_every_predefined_rule_comes_back_as_it_was(item: Any) -> None:
    assert rules.write(opened(item.trigger)) == dict(item.trigger)
    assert rule_words.sentence(item.trigger).startswith("When a member has ")


@pytest.mark.parametrize("board", DEFAULTS, ids=lambda board: board.key)
def test_every_metric_of_a_board_comes_back_meaning_the_same(board: Any) -> None:
    metric = {name: value for name, value in board.metric.items() if name != "window"}
    assert Metric.parse(rules.write_metric(opened(metric))) == Metric.parse(metric)


def test_groups_filters_and_kinds_of_values_come_back() -> None:
    written = rules.write(opened(NESTED))
    assert written == NESTED
    assert list(triggers.leaves(triggers.parse(written)))


def test_a_rule_of_three_levels_is_left_to_the_api() -> None:
    with pytest.raises(TooDeep):
        rules.read({"all_of": [NESTED, {"event": "*", "aggregate": "count", "threshold": 1}]}, fresh())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("5", 5), (" 1,000 ", 1000), ("2.5", 2.5), ("", ""), ("many", "many"), ("1e9", "1e9"), ("-3", -3)],
)
def test_numbers_are_read_as_they_are_typed(typed: str, meant: Any) -> None:
    assert rule_values.read_number(typed) == meant


def test_a_value_in_quotes_is_text() -> None:
    assert [rule_values.read_value(text) for text in ("3", '"3"', "true", '"true"', "Berlin", '"')] == [
        3,
        "3",
        True,
        "true",
        "Berlin",
        '"',
    ]


def test_conditions_and_groups_come_and_go() -> None:
    new = fresh()
    rule = rules.read(PREDEFINED[0].trigger, new)
    rule = rule_changes.add_group(rule_changes.add(rule, new), new)
    group = rule.parts[2]["id"]
    rule = rule_changes.add(rule, new, group)
    assert [len(part["conditions"]) for part in rule.parts] == [1, 1, 3]
    assert set(rules.write(rule)) == {"all_of"}
    rule = rule_changes.remove(rule, group)
    rule = rule_changes.remove(rule, rule.parts[0]["id"])
    assert len(rule.parts) == 1
    assert rule_changes.remove(rule, rule.parts[0]["id"]) == rule, "the last one stays"


def test_a_control_takes_only_what_it_offers() -> None:
    rule = opened(PREDEFINED[0].trigger)
    row = rule.parts[0]["conditions"][0]["id"]
    for name, value in (("window", "year"), ("aggregate", "median"), ("id", "x"), ("event", "a" * 1001)):
        assert rule_changes.change(rule, row, name, value) == rule
    changed = rule_changes.change(rule, row, "threshold", "7")
    assert rules.write(changed)["threshold"] == 7


def test_filters_begin_with_a_field_that_the_events_have() -> None:
    rule = opened(PREDEFINED[0].trigger)
    row = rule.parts[0]["conditions"][0]["id"]
    rule = rule_changes.add_filter(rule, row, lambda: "f1")
    item = rule.parts[0]["conditions"][0]["filters"][0]
    assert (item["field"], item["op"]) == ("project", "eq")
    rule = rule_changes.change(rule, "f1", "value", "42")
    assert rules.write(rule)["filters"] == [{"field": "project", "op": "eq", "value": 42}]
    assert "filters" not in rules.write(rule_changes.remove(rule, "f1"))


def test_a_refusal_stands_beside_its_control() -> None:
    rule = opened(NESTED)
    refused = {
        "trigger.all_of.1.any_of.1.threshold": "Must be a whole number",
        "trigger.all_of.1.any_of.1.filters.0.value": "Use a text",
        "trigger.all_of": "Too many",
    }
    told, whole = rule_changes.tell(rule, refused)
    row = told.parts[1]["conditions"][1]
    assert (row["error"], row["wrong"], row["filters"][0]["error"]) == (
        "Must be a whole number.",
        "threshold",
        "Use a text.",
    )
    assert whole == "Too many."
    assert rule_changes.tell(told, {})[0] == rule


def test_a_refusal_of_the_gateway_finds_the_only_condition() -> None:
    rule = opened(PREDEFINED[0].trigger)
    told, whole = rule_changes.tell(rule, {"trigger.threshold": "Must be a number above 0", "trigger": "No"})
    assert told.parts[0]["conditions"][0]["wrong"] == "threshold"
    assert whole == "No."
    told, _ = rule_changes.tell(rule, {"metric.field": "Say which"}, root="metric")
    assert told.parts[0]["conditions"][0]["wrong"] == "field"


def test_a_sentence_says_the_whole_rule() -> None:
    assert rule_words.sentence(NESTED) == (
        "When a member has 5 or more tasks completed within a calendar month, and (2.5 or more points in total from "
        "leads won, or 100 or more amount at once among orders completed where country is one of DE or 4 or True or "
        "4 or a, b or  and is new is True and note is not true)."
    )


def test_an_empty_filter_is_a_gap_and_an_empty_text_in_quotes_is_none() -> None:
    rule = opened(PREDEFINED[0].trigger)
    row = rule.parts[0]["conditions"][0]["id"]
    rule = rule_changes.add_filter(rule, row, lambda: "f1")
    assert rule_changes.gaps(rule) == {"trigger.filters.0.value": rule_changes.EMPTY}
    assert rule_changes.gaps(rule_changes.change(rule, "f1", "value", '""')) == {}


def test_the_keyboard_goes_on_where_the_like_is_added() -> None:
    rule = opened(NESTED)
    row = rule.parts[1]["conditions"][1]
    assert rule_changes.button_near(rule, row["filters"][0]["id"]) == f"filter-{row['id']}"
    assert rule_changes.button_near(rule, row["id"]) == rule_changes.button_near(rule, "'); alert(1); ('") == "rule-add"
