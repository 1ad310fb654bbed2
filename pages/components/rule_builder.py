"""Rule builder: a rule as sentences whose words are chosen, without code.

Over a state that takes `RuleEditorState`. Without `threshold` it is the editor of a metric: one sentence that says what
counts, and not how much of it is asked for.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.act import act
from pages.components.rule_controls import add_button, error_line, word, words_input
from pages.components.values import Text, call, count
from state.rule_changes import ADD_BUTTON, MOST_FILTERS
from state.rule_rows import ConditionRow, FilterRow, PartRow
from state.rule_words import AGGREGATES, FIELD_AGGREGATES, JOINS, OPERATORS, WINDOWS


def rule_builder(state: Any, *, lead: str = "When a member has", threshold: bool = True) -> rx.Component:
    """Draw the rule of the state."""
    parts: Any = state.rule_parts
    return rx.el.div(
        _lead(state, lead) if threshold else rx.el.p(lead, class_name="bz-rule-lead"),
        rx.el.ol(
            rx.foreach(parts, lambda part: _part(state, part, threshold)),
            class_name="bz-rule-parts",
            data_join=state.rule_join,
        ),
        error_line(state.rule_error, "rule-error"),
        *([_foot(state)] if threshold else []),
        class_name="bz-rule",
        role="group",
        aria_label="Rule",
        aria_describedby="rule-error",
    )


def _lead(state: Any, lead: str) -> rx.Component:
    """Begin the sentence; of several parts it is said how they are joined."""
    return rx.el.p(
        lead,
        rx.cond(
            count(state.rule_parts) > 1,
            word(
                JOINS, state.rule_join, lambda value: state.change_rule("", "join", value), label="How many are needed"
            ),
        ),
        class_name="bz-rule-lead",
    )


def _part(state: Any, part: PartRow, threshold: bool) -> rx.Component:
    return rx.el.li(
        rx.cond(
            part["is_group"],
            _group(state, part, threshold),
            rx.foreach(part["conditions"], lambda row: _condition(state, row, threshold)),
        ),
        key=part["id"],
    )


def _group(state: Any, part: PartRow, threshold: bool) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(part["label"], class_name="bz-sr"),
        rx.el.div(
            word(
                JOINS,
                part["join"],
                lambda value: state.change_rule(part["id"], "join", value),
                label="How many of the group are needed",
            ),
            act("x", "Remove the group", on_click=call(state.remove_rule_row, part["id"])),
            class_name="bz-rule-line",
        ),
        rx.foreach(part["conditions"], lambda row: _condition(state, row, threshold)),
        add_button("Add to the group", call(state.add_condition, part["id"])),
        class_name="bz-rule-group",
    )


def _condition(state: Any, row: ConditionRow, threshold: bool) -> rx.Component:
    """Draw one sentence: aggregate, field, events, at least so many, within a time."""

    def put(name: str) -> Any:
        return lambda value: state.change_rule(row["id"], name, value)

    has_field = rx.Var.create(list(FIELD_AGGREGATES)).contains(row["aggregate"])
    return rx.el.fieldset(
        rx.el.legend(row["label"], class_name="bz-sr"),
        rx.el.div(
            word(AGGREGATES, row["aggregate"], put("aggregate"), label="How it is counted"),
            rx.cond(
                has_field,
                rx.fragment(
                    word(row["fields"], row["field"], put("field"), label="Field", row=row, name="field"), "of"
                ),
            ),
            word(state.rule_events, row["event"], put("event"), label="Events", row=row, name="event"),
            *(_threshold(state, row, put) if threshold else []),
            _tools(state, row, threshold),
            class_name="bz-rule-line",
        ),
        rx.foreach(row["filters"], lambda item: _filter(state, row, item)),
        error_line(row["error"], "error-" + _text(row["id"])),
        key=row["id"],
        class_name="bz-rule-condition",
    )


def _threshold(state: Any, row: ConditionRow, put: Any) -> list[rx.Component | str]:
    return [
        "at least",
        words_input(
            row["id"],
            "threshold",
            row["threshold"],
            state.change_rule,
            label="At least",
            numeric=True,
            is_wrong=row["wrong"] == "threshold",
        ),
        "within",
        word(WINDOWS, row["window"], put("window"), label="Within", row=row, name="window"),
    ]


def _tools(state: Any, row: ConditionRow, threshold: bool) -> rx.Component:
    return rx.el.span(
        rx.cond(
            count(row["filters"]) < MOST_FILTERS,
            add_button("Filter", call(state.add_filter, row["id"]), icon="filter", id="filter-" + _text(row["id"])),
        ),
        *(
            [
                rx.cond(
                    (count(state.rule_parts) > 1) | (count(state.rule_parts[0]["conditions"]) > 1),
                    act("x", "Remove " + _text(row["label"]), on_click=call(state.remove_rule_row, row["id"])),
                )
            ]
            if threshold
            else []
        ),
        class_name="bz-rule-tools",
    )


def _filter(state: Any, row: ConditionRow, item: FilterRow) -> rx.Component:
    def put(name: str) -> Any:
        return lambda value: state.change_rule(item["id"], name, value)

    return rx.el.div(
        rx.el.div(
            "where",
            word(row["fields"], item["field"], put("field"), label="Field that is compared"),
            word(OPERATORS, item["op"], put("op"), label="How it is compared"),
            words_input(
                item["id"],
                "value",
                item["value"],
                state.change_rule,
                label="Value",
                is_wrong=_text(item["error"]) != "",
            ),
            act("x", "Remove the filter", on_click=call(state.remove_rule_row, item["id"])),
            class_name="bz-rule-line",
        ),
        error_line(item["error"], "error-" + _text(item["id"])),
        key=item["id"],
        class_name="bz-rule-filter",
    )


def _foot(state: Any) -> rx.Component:
    return rx.el.div(
        add_button("Add a condition", call(state.add_condition, ""), id=ADD_BUTTON),
        add_button("Add a group", call(state.add_group), icon="layers"),
        class_name="bz-rule-foot",
    )


def _text(value: Text) -> Any:
    return rx.Var.create(value).to(str)
