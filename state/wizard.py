"""The page of a wizard: one draft at its present step. One class for all wizards; which one, the address says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import wizards
from bizosaas_app.gateway.contracts.wizards import (
    ContinueStep,
    DraftField,
    DraftId,
    GoToStep,
    OpenWizard,
    SaveAnswers,
)
from state import wizard_answers, wizard_rows
from state.area import Next
from state.policy import policy
from state.session import SessionState
from state.wizard_draft import WizardDraftState

PERMISSION: Final = "access_admin"
MOST_ROWS: Final = 200
_NOTHING_NEW: Final = "Nothing new to suggest. Your answers stay as they are."
_FORM: Final = (
    "((form) => form ? Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === 'string'))"
    " : {})(document.querySelector('.bz-wizard form'))"
)
"""What the browser's controls hold at this moment, files aside."""


class WizardState(WizardDraftState, SessionState):
    """What a person does in a wizard; what is typed is saved on leaving a field, and on each step."""

    @rx.event
    @policy(PERMISSION, page_load=True)
    async def load(self) -> None:
        """Open one's draft where it was left, on whatever device that was.

        A step that is on the screen already keeps its controls: somebody may type in them by now.
        """
        self._wizard = self.router.url.path.rstrip("/").rpartition("/")[2]
        self.lost, self._lost = [], {}
        async with self._showing():
            view = await wizards.open_wizard(await self._actor(), OpenWizard(wizard=self._wizard))
            await self._show(view)
            self._succeed()

    @rx.event
    @policy(PERMISSION)
    async def reload(self) -> Next:
        """Try again after a failure."""
        self.area = "loading"
        return WizardState.load

    @rx.event
    @policy(PERMISSION)
    async def save_field(self, name: str, text: str) -> None:
        """Save what a control holds as it is left."""
        if name in self._kinds and text != (self._answers.get(name) or ""):
            await self._save({name: text})

    @rx.event
    @policy(PERMISSION)
    async def pick(self, name: str, text: str) -> None:
        """Save a colour that was picked, and write it into the field beside the picker."""
        if self._kinds.get(name) == "colour" and text != self._answers.get(name):
            self._refill(name)
            await self._save({name: text})

    @rx.event
    @policy(PERMISSION)
    async def save_moment(self, name: str, part: str, text: str) -> None:
        """Save the local time of a moment, or its zone."""
        answer = self._answers.get(name)
        held = {"at": "", "zone": "", **answer} if isinstance(answer, Mapping) else {"at": "", "zone": ""}
        moment = {**held, part: text}
        if part in held and moment != held:
            await self._save({name: moment})

    @rx.event
    @policy(PERMISSION)
    async def toggle(self, name: str, value: str) -> None:
        """Choose one of several, or take the choice back."""
        chosen = list(self._answers.get(name) or [])
        await self._save({name: [item for item in chosen if item != value] if value in chosen else [*chosen, value]})

    @rx.event
    @policy(PERMISSION)
    async def save_cell(self, path: str, text: str) -> None:
        """Save one cell of a row as it is left."""
        name = path.partition(".")[0]
        held = wizard_answers.rows_of(name, self._answers)
        rows = wizard_answers.with_cells({path: text}, held)
        if self._kinds.get(name) == "rows" and text != wizard_rows.cell_text(self.fields, path) and rows != held:
            await self._save({name: rows})

    @rx.event
    @policy(PERMISSION)
    async def add_row(self, name: str) -> Next:
        """Add an empty row, and go to its first cell."""
        rows = wizard_answers.rows_of(name, self._answers)
        if self._kinds.get(name) != "rows" or len(rows) >= MOST_ROWS:
            return None
        await self._save({name: [*rows, {}]})
        return rx.call_script(
            f"document.querySelector('[data-row=\"{name}.{len(rows)}\"] :is(input, textarea, select)')?.focus()"
        )

    @rx.event
    @policy(PERMISSION)
    async def remove_row(self, name: str, number: str) -> None:
        """Take a row away."""
        rows = wizard_answers.rows_of(name, self._answers)
        if number.isdigit() and int(number) < len(rows):
            self._refill(name)
            await self._save({name: [row for place, row in enumerate(rows) if place != int(number)]})

    @rx.event
    @policy(PERMISSION)
    async def submit(self, form: dict[str, Any]) -> AsyncIterator[Next]:
        """Save the step as it stands in the browser and go on, or show what is wrong beside each field."""
        if self.is_busy:
            return
        self.is_busy = True
        yield None
        before, answers = self.step, wizard_answers.changed(form, self._answers, self._kinds)
        try:
            asked: dict[str, Any] = {"step": self.step, "seen": self._version, "answers": answers}
            await self._ask(wizards.continue_step, ContinueStep, sent=answers, **asked)
        finally:
            self.is_busy = False
        yield _focus(moved=self.step != before)

    @rx.event
    @policy(PERMISSION)
    async def go(self, step: str) -> Next:
        """Go to a step: back, or forwards as far as all is right."""
        return await self._go(step)

    @rx.event
    @policy(PERMISSION)
    async def back(self) -> Next:
        """Go to the step before."""
        keys = [row["key"] for row in self.steps]
        place = keys.index(self.step) if self.step in keys else 0
        return await self._go(keys[place - 1]) if place > 0 else None

    @rx.event(background=True)
    @policy(PERMISSION)
    async def act(self, name: str) -> None:
        """Do what a field's button says; the outside takes its time, and the tab goes on meanwhile."""
        async with self:
            if self.acting:
                return
            self.acting = name
        try:
            await self._ask_aside(wizards.act, DraftField, field=name)
        finally:
            async with self:
                self.acting = ""

    @rx.event(background=True)
    @policy(PERMISSION)
    async def assist(self) -> AsyncIterator[Next]:
        """Have an agent propose what nobody has typed; what is typed while it thinks stands as well."""
        async with self:
            if self.is_assisting:
                return
            self.is_assisting, self._assisted = True, self.step
        try:
            is_done = await self._ask_aside(wizards.assist, DraftId, is_shown=False)
        finally:
            async with self:
                self.is_assisting = False
        if is_done:
            yield rx.call_script(_FORM, callback=WizardState.show_guesses)

    @rx.event
    @policy(PERMISSION)
    async def show_guesses(self, form: dict[str, Any]) -> Next:
        """Show what was proposed, after saving what the browser's `form` holds and no field was left with yet."""
        answers, before = wizard_answers.changed(form, self._answers, self._kinds), self._suggested()
        async with self._changing():
            actor, asked = await self._actor(), {"draft_id": self.draft_id, "step": self.step}
            view = await wizards.read_draft(actor, DraftId.model_validate(asked))
            if answers and view.status == "open":
                command = SaveAnswers.model_validate({**asked, "seen": view.version, "answers": answers})
                view = await wizards.save(actor, command)
            await self._show(view, sent=answers)
            is_same = self.step == self._assisted and self._suggested() == before
            return rx.toast.info(_NOTHING_NEW) if is_same else None
        return None

    @rx.event
    @policy(PERMISSION)
    async def refresh(self) -> None:
        """Show the draft after the browser has put a file or a secret to it."""
        await self._ask(wizards.read_draft, DraftId, step=self.step)

    @rx.event
    @policy(PERMISSION)
    async def clear(self, name: str) -> None:
        """Take away a file, a secret or an outcome."""
        await self._ask(wizards.clear_field, DraftField, field=name, step=self.step)

    @rx.event
    @policy(PERMISSION)
    async def take_back(self, name: str) -> None:
        """Put the answer of the other tab in the place of this one's."""
        if name in self._lost:
            answer = self._lost[name]
            self._forget_lost(name)
            self._refill(name)
            await self._save({name: answer})

    @rx.event
    @policy(PERMISSION)
    def leave_it(self, name: str) -> None:
        """Keep this tab's answer."""
        self._forget_lost(name)

    @rx.event
    @policy(PERMISSION)
    async def complete(self) -> AsyncIterator[Next]:
        """Do the wizard's work; whoever asks twice is given the same result."""
        if self.is_busy:
            return
        self.is_busy = True
        yield None
        before = self.step
        try:
            await self._ask(wizards.complete, DraftId)
        finally:
            self.is_busy = False
        yield _focus(moved=self.step != before or self.is_finished)

    @rx.event
    @policy(PERMISSION)
    async def start_over(self) -> Next:
        """Throw the draft away, and begin anew."""
        async with self._changing():
            if not self.is_finished:
                await wizards.discard(await self._actor(), DraftId(draft_id=UUID(self.draft_id)))
            return WizardState.load
        return None

    async def _go(self, step: str) -> EventSpec:
        await self._ask(wizards.go_to_step, GoToStep, is_fresh=True, step=step)
        return _focus(moved=True)

    async def _save(self, answers: dict[str, Any]) -> None:
        """Save; whatever fails, what was typed stays in the browser and is sent again with the step."""
        asked: dict[str, Any] = {"step": self.step, "seen": self._version, "answers": answers}
        await self._ask(wizards.save, SaveAnswers, sent=answers, **asked)


def _focus(*, moved: bool) -> EventSpec:
    """Lead the keyboard to the heading of another step, or to the first field that is wrong."""
    target = "#wizard-step" if moved else "[aria-invalid=true]"
    return rx.call_script(f"requestAnimationFrame(() => document.querySelector('{target}')?.focus())")
