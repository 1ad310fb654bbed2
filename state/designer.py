"""The designer: an achievement written as a form, tried out while it is written, and published."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, ClassVar, Final

import reflex as rx
from pydantic import ValidationError

from bizosaas_app.gateway import achievement_designs, achievements, page_watching
from bizosaas_app.gateway.contracts.achievement_designs import PrepareDesign
from bizosaas_app.gateway.contracts.achievements import (
    ChangeAchievement,
    CreateAchievement,
    DefinitionView,
    DryRunView,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import award_runs, designs, words
from state.area import AreaState, Next, tell
from state.award_runs import NO_AWARD, AwardRow
from state.design_form import DesignFormState
from state.form import messages
from state.policy import policy
from state.rows import Choice
from state.session import SessionState
from state.watching import while_open

MANAGE: Final = "manage_achievements"
LIST_PATH: Final = "/admin/achievements"
TAKEN: Final = "Another achievement has this key, perhaps an archived one."
UNTRIED: Final = frozenset({"name", "key", "description", "points"})
"""Fields that a dry run does not look at: what publishing has found wrong with them stays until they are changed."""
UNFINISHED: Final = "Say what the filter compares with, and it is tried again."


class DesignerState(DesignFormState, AreaState, SessionState):
    """The form that the address names: `?key=` changes an achievement, `?from=` copies one, neither begins anew."""

    GUARD: ClassVar[str] = MANAGE

    is_trying: bool = False
    trial: str = ""
    trial_names: str = ""
    trial_error: str = ""
    publish_text: str = ""
    award: AwardRow = NO_AWARD

    _taken: list[str] = []
    _filled_in: int = 0
    """The visit for which the form was filled."""

    @rx.event
    @policy(MANAGE, page_load=True)
    async def load(self) -> Next:
        """Open the form; a connection that comes back leaves it as it stands, and goes on following its awarding."""
        if self.area == "full" and self._filled_in == self._visit:
            return DesignerState.follow_award
        self._filled_in = self._visit
        self._tidy()
        self.area, self.award = "loading", NO_AWARD
        async with self._showing():
            asked = self.router.url.query_parameters
            key, source = asked.get("key", ""), asked.get("from", "")
            actor = await self._actor()
            design = await achievement_designs.prepare_design(actor, PrepareDesign(key=key or source or None))
            await self._learn_events(actor)
            self._timezone, self._taken = design.timezone, [item.key for item in design.others]
            self.categories = [Choice(value=item.key, label=item.name) for item in design.categories]
            self.others = [Choice(value=item.key, label=item.name) for item in design.others if item.key != key]
            self.errors, self.trial, self.trial_names, self.trial_error = {}, "", "", ""
            self._fill(design.definition, is_change=bool(key))
            self._succeed()
            return DesignerState.try_out
        return None

    @rx.event(background=True, supersedes=True)
    @policy(MANAGE)
    async def try_out(self) -> None:
        """Try the draft on the last days; a newer try takes the place of one that is not done."""
        async with self:
            actor, fields = await self._actor(), designs.rehearsal_of(self._fields())
            self.is_trying = not self.is_rule_fixed
            if self.is_rule_fixed:
                return
            gaps = self._rule_gaps()
        found: DryRunView | None = None
        refused: Mapping[str, str] = {}
        failure = UNFINISHED if gaps else ""
        try:
            found = None if gaps else await _rehearse(actor, fields)
        except ValidationError as error:
            refused = messages(error)
        except InputInvalid as error:
            refused = error.fields
        except AppError as error:
            failure = words.sentence(error.message)
        async with self:
            if self._belongs_to(actor):
                self._show_trial(found, refused, failure)

    @rx.event
    @policy(MANAGE)
    async def submit(self, sent: dict[str, Any]) -> AsyncIterator[Next]:
        """Save the changes of one that exists; of a new one ask first, saying who gets it at once."""
        self._take(sent)
        self.is_saving = True
        yield
        async with self._saving():
            if self.is_change:
                yield await self._save()
            else:
                self.publish_text = await self._ask()
        self._sort_errors()
        if not (self.is_change or self.errors or self.form_error or self._has_rule_errors()):
            self.dialog = "publish"

    @rx.event
    @policy(MANAGE)
    async def publish(self) -> AsyncIterator[Next]:
        """Publish the achievement and award it to those who have earned it already."""
        self.dialog, self.is_saving = "", True
        yield
        async with self._saving():
            actor = await self._actor()
            made = await achievements.create_achievement(actor, CreateAchievement.model_validate(self._fields()))
            if isinstance(made, DefinitionView):
                self.award = await award_runs.find(actor, made)
                self._taken = [*self._taken, made.key]
                yield DesignerState.follow_award
        self._sort_errors()

    @rx.event
    @policy(MANAGE)
    def design_another(self) -> Next:
        """Begin anew on the same page."""
        self.area = "loading"
        return DesignerState.load

    @rx.event
    @policy(MANAGE)
    def keep_editing(self, _is_open: bool = False) -> None:
        """Put the question away; what publishing has found wrong stays."""
        self.dialog = ""

    @rx.event(background=True, supersedes=True)
    @policy(MANAGE)
    async def follow_award(self) -> None:
        """Show how far the awarding is, until it has ended or the page is left."""
        async with self:
            actor, award, tab = await self._actor(), self.award, self.router.session.client_token
        if not award_runs.is_going(award):
            return
        try:
            news = while_open(page_watching.watch_awards(actor), tab)
            async with aclosing(award_runs.follow(actor, award, news)) as rows:
                async for row in rows:
                    async with self:
                        if not self._belongs_to(actor) or self.award["key"] != row["key"]:
                            return
                        self.award = row
        except Exception as error:  # noqa: BLE001  # the UI's edge: every failure becomes a designed state
            async with self:
                if self._belongs_to(actor) and self.award["key"] == award["key"]:
                    self.award = award_runs.stopped(award, tell(error)[0])

    def _draft_changed(self) -> Next:
        return DesignerState.try_out

    async def _ask(self) -> str:
        """Check everything, and say what publishing does at once."""
        if gaps := self._rule_gaps():
            raise InputInvalid(gaps)
        command = CreateAchievement.model_validate({**self._fields(), "dry_run": True, "whole_ledger": True})
        if command.key in self._taken:
            raise InputInvalid({"key": TAKEN})
        found = await achievements.create_achievement(await self._actor(), command)
        return designs.consequence(found) if isinstance(found, DryRunView) else ""

    async def _save(self) -> Next:
        changes = designs.changes_of(self._before, self._fields())
        if not changes:
            return rx.redirect(LIST_PATH)
        change = ChangeAchievement.model_validate({"key": self.draft["key"], **changes})
        changed = await achievements.change_achievement(await self._actor(), change)
        self._tell_next(f"{changed.name} is saved.")
        return rx.redirect(LIST_PATH)

    def _show_trial(self, found: DryRunView | None, refused: Mapping[str, str], failure: str) -> None:
        self.is_trying = False
        self._tell_rule(refused)
        said = {name: words.sentence(text) for name, text in _heads(refused).items() if name != "trigger"}
        self.errors = {name: text for name, text in self.errors.items() if name in UNTRIED} | said
        self.trial = designs.told(found) if found else ""
        self.trial_names = designs.named(found) if found else ""
        self.trial_error = failure or ("" if found else "Mend what is marked, and it is tried again.")

    def _has_rule_errors(self) -> bool:
        return bool(self.rule_error) or any(row["error"] for part in self.rule_parts for row in part["conditions"])

    def _sort_errors(self) -> None:
        """Move what is wrong with the rule to its controls, and the rest to the head of its path."""
        if self.errors:
            self._tell_rule(self.errors)
            self.errors = {name: text for name, text in _heads(self.errors).items() if name != "trigger"}


async def _rehearse(actor: Actor, fields: Mapping[str, Any]) -> DryRunView | None:
    found = await achievements.create_achievement(actor, CreateAchievement.model_validate(fields))
    return found if isinstance(found, DryRunView) else None


def _heads(errors: Mapping[str, str]) -> dict[str, str]:
    """Give errors by the field that they begin with: `limits.max_per_day` stands at `limits`."""
    found: dict[str, str] = {}
    for path, text in errors.items():
        found.setdefault(path.partition(".")[0], text)
    return found
