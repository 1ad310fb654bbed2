"""The rule builder's state: the rule being edited, and what each of its controls does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import reflex as rx

from bizosaas_app.gateway import events
from bizosaas_app.gateway.contracts.vocabulary import ReadVocabulary
from bizosaas_app.kernel.actor import Actor
from state import rule_changes, rule_words, rules
from state.area import Next
from state.guarded import Guarded
from state.rows import Choice
from state.rule_rows import EventKind, PartRow, Rule
from state.session import SessionState


class RuleEditorState(Guarded, SessionState, mixin=True):
    """A rule in the builder (`pages/components/rule_builder.py`). A class that takes it names its `GUARD`.

    It calls `_learn_events` and then `_show_rule` as its form opens, reads `_rule()` or `_metric()` as it saves, hands
    refusals to `_tell_rule`, and may answer each change by `_rule_changed`. `RULE_ROOT` is the rule's field in the
    command: refusals name it as the beginning of their paths.
    """

    RULE_ROOT: ClassVar[str] = "trigger"

    rule_join: str = "all_of"
    rule_parts: list[PartRow] = []
    rule_events: list[Choice] = []
    rule_sentence: str = ""
    rule_error: str = ""
    """What is wrong with the rule as a whole."""

    _kinds: list[EventKind] = []
    _rows_made: int = 0

    @rx.event
    def change_rule(self, row_id: str, name: str, value: str) -> Next:
        """Put a value into a control; without an id into how the whole rule is joined."""
        return self._edit(rule_changes.change(self._shown_rule(), str(row_id), str(name), str(value)))

    @rx.event
    def add_condition(self, group_id: str = "") -> Next:
        """Add a condition to the rule or to one of its groups."""
        return self._edit(rule_changes.add(self._shown_rule(), self._fresh, str(group_id)))

    @rx.event
    def add_group(self) -> Next:
        """Add a group of conditions."""
        return self._edit(rule_changes.add_group(self._shown_rule(), self._fresh))

    @rx.event
    def add_filter(self, condition_id: str) -> Next:
        """Add a filter to a condition."""
        return self._edit(rule_changes.add_filter(self._shown_rule(), str(condition_id), self._fresh))

    @rx.event
    def remove_rule_row(self, row_id: str) -> Next:
        """Take a condition, a filter or a group away; the keyboard goes on at the button that adds the like."""
        near = rule_changes.button_near(self._shown_rule(), str(row_id))
        answer = self._edit(rule_changes.remove(self._shown_rule(), str(row_id)))
        focus = rx.call_script(f"document.getElementById('{near}')?.focus()")
        return [focus] if answer is None else [focus, answer]

    def _rule_changed(self) -> Next:
        """Answer a change of the rule, such as by a dry run."""
        return None

    async def _learn_events(self, actor: Actor) -> None:
        """Read what the ledger holds, for the choices of the builder."""
        found = await events.read_vocabulary(actor, ReadVocabulary())
        kinds = [
            EventKind(
                item.type,
                rule_words.event_name(item.type) + ("" if item.is_seen else " (none yet)"),
                tuple(field.name for field in item.fields),
            )
            for item in found.types
        ]
        self._kinds = [EventKind("*", rule_words.event_name("*")), *sorted(kinds, key=lambda kind: kind.label)]

    def _show_rule(self, rule: Mapping[str, Any] | None = None) -> None:
        """Show a rule or a metric, or one to begin with; raises `TooDeep` for one that the builder cannot show."""
        shown = rules.read(rule, self._fresh) if rule else Rule(parts=[rules.alone(rules.blank(self._fresh))])
        self.rule_error = ""
        self._put(shown)

    def _rule(self) -> dict[str, Any]:
        """Give the rule as the gateway takes it."""
        return rules.write(self._shown_rule())

    def _metric(self) -> dict[str, Any]:
        """Give the metric, which is a condition without a threshold, as the gateway takes it."""
        return rules.write_metric(self._shown_rule())

    def _rule_gaps(self) -> dict[str, str]:
        """Give what is still to be typed, as refusals; the gateway would take it for an empty text."""
        return rule_changes.gaps(self._shown_rule(), self.RULE_ROOT)

    def _take_rule(self, sent: Mapping[str, Any]) -> None:
        """Take over what a form has sent of the builder's text fields, if the last letters were not heard before."""
        rule = self._shown_rule()
        for name, value in sent.items():
            mark, _, rest = name.partition(".")
            if mark == "rule" and isinstance(value, str):
                row_id, _, control = rest.partition(".")
                rule = rule_changes.change(rule, row_id, control, value)
        self._put(rule)

    def _tell_rule(self, refused: Mapping[str, str]) -> None:
        """Show what the gateway refuses beside the controls; paths of other fields are not looked at."""
        own = {path: text for path, text in refused.items() if path.partition(".")[0] == self.RULE_ROOT}
        rule, self.rule_error = rule_changes.tell(self._shown_rule(), own, self.RULE_ROOT)
        self._put(rule)

    def _edit(self, rule: Rule) -> Next:
        before = self._shown_rule()
        self._put(rule)
        return None if self._shown_rule() == before else self._rule_changed()

    def _put(self, rule: Rule) -> None:
        shown = rule_changes.dress(rule, self._kinds)
        self.rule_join, self.rule_parts = shown.join, shown.parts
        self.rule_events = rule_changes.events(shown, self._kinds)
        self.rule_sentence = rule_words.sentence(rules.write(shown))

    def _shown_rule(self) -> Rule:
        return Rule(self.rule_join, list(self.rule_parts))

    def _fresh(self) -> str:
        self._rows_made += 1
        return f"r{self._rows_made}"
