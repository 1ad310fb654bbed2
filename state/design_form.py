"""The form of the designer: an achievement's fields beside its rule, and the card that comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import reflex as rx

from bizosaas_app.gateway.contracts.achievements import DefinitionView
from state import designs, rule_words, rules, sentences, words
from state.area import Next
from state.designs import BLANK, DraftRow
from state.form import FormState
from state.rows import AchievementRow, Choice
from state.rule_editor import RuleEditorState

MOST_PRECONDITIONS: Final = 5
TOO_DEEP: Final = "Its rule has more levels than the designer shows. It can be changed through the API."


class DesignFormState(RuleEditorState, FormState, mixin=True):
    """The fields as they are typed. A class that takes it names its `GUARD` and answers changes by `_draft_changed`."""

    draft: DraftRow = BLANK
    opened: int = 0
    """Grows with each filling of the form, so that its fields are drawn afresh."""
    categories: list[Choice] = []
    others: list[Choice] = []
    waits_for: list[Choice] = []
    """The preconditions that were picked."""
    is_change: bool = False
    is_rule_fixed: bool = False
    """Whether the rule stays as it is: members hold the achievement by it, or it is too deep for the builder."""
    fixed_reason: str = ""
    card: AchievementRow = designs.preview(BLANK, {})
    sentence_told: str = ""
    is_understood: bool = False

    _timezone: str = "UTC"
    _is_key_own: bool = False
    _before: dict[str, Any] = {}
    _fixed_rule: dict[str, Any] = {}

    @rx.event
    def draft_from(self, sent: dict[str, Any]) -> Next:
        """Fill the form with what a sentence says."""
        reading = sentences.read(str(sent.get("sentence", "")))
        self.sentence_told, self.is_understood = reading.told, reading.rule is not None
        if reading.rule is None or self.is_change:
            return None
        self.draft = {**self.draft, "name": reading.name, "key": designs.key_from(reading.name)}
        self.draft = designs.change(self.draft, "category", reading.category)
        self.opened += 1
        self._show_rule(reading.rule)
        return self._changed()

    @rx.event
    def change_text(self, name: str, value: str) -> Next:
        """Put a text or a choice into a field."""
        before = self.draft
        self.draft = designs.change(before, str(name), str(value))
        if self.draft == before:
            return None
        if name == "key":
            self._is_key_own = True
        if name == "name" and not self._is_key_own and not self.is_change:
            self.draft = {**self.draft, "key": designs.key_from(self.draft["name"])}
        mended = {field for field, value in self.draft.items() if value != before.get(field)}
        self.errors = {field: text for field, text in self.errors.items() if field not in mended}
        return self._changed()

    @rx.event
    def change_switch(self, name: str, is_on: bool) -> Next:
        """Turn a switch."""
        self.draft = designs.change(self.draft, str(name), bool(is_on))
        return self._changed()

    @rx.event
    def add_precondition(self, key: str) -> Next:
        """Let the achievement wait for another one."""
        known = {choice["value"] for choice in self.waits_for}
        found = next((choice for choice in self.others if choice["value"] == key and key not in known), None)
        if found is None or len(known) >= MOST_PRECONDITIONS:
            return None
        self.waits_for = [*self.waits_for, found]
        return self._changed()

    @rx.event
    def remove_precondition(self, key: str) -> Next:
        """Let it no longer wait for another one."""
        self.waits_for = [choice for choice in self.waits_for if choice["value"] != key]
        return self._changed()

    def _draft_changed(self) -> Next:
        """Answer a change of any field, such as by a dry run."""
        return None

    def _rule_changed(self) -> Next:
        return self._changed()

    def _changed(self) -> Next:
        """Draw the card anew and try the draft out."""
        self.card = designs.preview(self.draft, self._fields()["trigger"])
        return self._draft_changed()

    def _fill(self, item: DefinitionView | None, *, is_change: bool) -> None:
        self.is_change, self._is_key_own = is_change, False
        self.opened += 1
        self.sentence_told, self.is_understood = "", False
        chosen = item.preconditions if item else []
        self.waits_for = [choice for choice in self.others if choice["value"] in chosen]
        if item is None:
            self.draft = BLANK
        else:
            self.draft = (designs.draft_of if is_change else designs.copy_of)(item, self._timezone)
        self._fill_rule(item)
        self._before = self._fields()
        self.card = designs.preview(self.draft, self._before["trigger"])

    def _fill_rule(self, item: DefinitionView | None) -> None:
        held = item.unlocked_by if item and self.is_change else 0
        self.fixed_reason = ""
        if held:
            who = words.counted(held, "member holds it", "members hold it")
            self.fixed_reason = f"{who} by this rule, so it stays. For another rule publish a copy."
        try:
            self._show_rule(item.trigger if item else None)
        except rules.TooDeep:
            self.fixed_reason = TOO_DEEP
        self.is_rule_fixed = bool(self.fixed_reason)
        self._fixed_rule = item.trigger if item and self.is_rule_fixed else {}
        if self._fixed_rule:
            self.rule_sentence = rule_words.sentence(self._fixed_rule)

    def _fields(self) -> dict[str, Any]:
        rule = self._fixed_rule if self.is_rule_fixed else self._rule()
        return designs.fields_of(self.draft, rule, [choice["value"] for choice in self.waits_for], self._timezone)

    def _take(self, sent: Mapping[str, Any]) -> None:
        """Take over what the form has sent, if the last letters were not heard before."""
        for name, value in sent.items():
            if isinstance(value, str):
                self.draft = designs.change(self.draft, name, value)
        if not self.is_rule_fixed:
            self._take_rule(sent)
