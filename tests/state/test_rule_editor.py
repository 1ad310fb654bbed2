"""The rule builder's state, without a server."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from reflex_base.registry import RegistrationContext

from state.area import Next
from state.rule_editor import RuleEditorState
from state.rule_rows import EventKind
from state.rules import TooDeep
from state.session import SessionState
from tests.state.test_rules import NESTED

with RegistrationContext.get().fork():  # a class of this file alone: no test that asks for every handler meets it

    class Editor(RuleEditorState, SessionState):
        GUARD: ClassVar[str] = "manage_achievements"

        def _rule_changed(self) -> Next:
            return "changed"


def opened(rule: Any = None) -> Editor:
    editor = Editor()
    editor._kinds = [EventKind("task.completed", "tasks completed"), EventKind("lead.won", "leads won")]
    editor._show_rule(rule)
    return editor


def act(editor: Editor, handler: str, *given: Any) -> Any:
    return Editor.event_handlers[handler].fn(editor, *given)


def test_it_begins_with_one_condition_that_reads_as_a_sentence() -> None:
    editor = opened()
    assert editor._rule() == {"event": "task.completed", "aggregate": "count", "threshold": 1}
    assert editor.rule_sentence == "When a member has 1 or more tasks completed."
    assert [choice["value"] for choice in editor.rule_events] == ["task.completed", "lead.won"]


def test_a_change_is_answered_and_what_changes_nothing_is_not() -> None:
    editor = opened()
    row = editor.rule_parts[0]["conditions"][0]["id"]
    assert act(editor, "change_rule", row, "event", "lead.won") == "changed"
    assert act(editor, "change_rule", row, "event", "lead.won") is None
    assert act(editor, "change_rule", "somebody", "event", "*") is None
    assert editor._rule()["event"] == "lead.won"


def test_ids_are_never_used_again() -> None:
    editor = opened()
    act(editor, "add_condition", "")
    first = editor.rule_parts[1]["id"]
    act(editor, "remove_rule_row", first)
    act(editor, "add_condition", "")
    assert editor.rule_parts[1]["id"] != first
    editor._show_rule(NESTED)
    assert first not in str(editor.rule_parts)


def test_what_the_form_sends_is_taken_over() -> None:
    editor = opened()
    row = editor.rule_parts[0]["conditions"][0]["id"]
    editor._take_rule({f"rule.{row}.threshold": "12", "name": "x", f"rule.{row}.id": "evil", "rule.": "x"})
    assert editor._rule()["threshold"] == 12
    assert editor.rule_parts[0]["conditions"][0]["id"] == row


def test_refusals_of_other_fields_are_not_looked_at() -> None:
    editor = opened()
    editor._tell_rule({"key": "Taken", "trigger.threshold": "Must be a whole number", "triggers": "x"})
    assert editor.rule_parts[0]["conditions"][0]["error"] == "Must be a whole number."
    assert editor.rule_error == ""
    editor._tell_rule({"trigger": "At most 12"})
    assert editor.rule_error == "At most 12."


def test_a_metric_has_no_threshold() -> None:
    editor = opened({"event": "*", "aggregate": "sum", "field": "value"})
    assert editor._metric() == {"event": "*", "aggregate": "sum", "field": "value"}
    with pytest.raises(TooDeep):
        editor._show_rule({"any_of": [NESTED]})
