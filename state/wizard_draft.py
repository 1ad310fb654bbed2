"""A wizard's draft as a tab was last shown it, and how it is asked for and shown again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from bizosaas_app.gateway import wizards
from bizosaas_app.gateway.contracts.base import Command
from bizosaas_app.gateway.contracts.wizards import DraftField, DraftId, DraftView
from bizosaas_app.gateway.wizard_bindings.binding import NothingToPropose
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import wizard_answers, wizard_rows, words
from state.area import AreaState
from state.session import SessionState
from state.wizard_rows import NO_FINISH, AnswerRow, FieldRow, FinishRow, LostRow, StepRow

Asked = TypeVar("Asked", bound=Command)


class WizardDraftState(AreaState, SessionState, mixin=True):
    """The draft at its present step."""

    draft_id: str = ""
    title: str = ""
    purpose: str = ""
    steps: list[StepRow] = []
    step: str = ""
    step_title: str = ""
    step_purpose: str = ""
    step_number: int = 1
    is_first: bool = True
    is_review: bool = False
    finish_label: str = ""
    fields: list[FieldRow] = []
    summary: list[AnswerRow] = []
    lost: list[LostRow] = []
    """What this tab's saves took the place of, until somebody looks elsewhere."""
    finish: FinishRow = NO_FINISH
    is_finished: bool = False
    is_busy: bool = False
    acting: str = ""
    """The field whose button is at work."""
    saved_at: str = ""
    save_error: str = ""
    problem_count: int = 0
    has_assist: bool = False
    is_assisting: bool = False
    assist_note: str = ""
    """Why an agent has nothing to propose."""

    _assisted: str = ""
    """The step that an agent was asked about last."""
    _wizard: str = ""
    _version: int = 0
    _answers: dict[str, Any] = {}
    """What this tab was shown of the step's answers: only what differs from it is sent."""
    _lost: dict[str, Any] = {}
    _fillings: dict[str, int] = {}
    _kinds: dict[str, str] = {}

    async def _ask(
        self,
        operation: Callable[[Actor, Asked], Awaitable[DraftView]],
        kind: type[Asked],
        *,
        is_fresh: bool = False,
        sent: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> bool:
        """Do something with the draft and show what came of it; False when it was refused, and says why."""
        async with self._changing():
            command = kind.model_validate({"draft_id": self.draft_id, **fields})
            await self._show(await operation(await self._actor(), command), is_fresh=is_fresh, sent=sent)
            return True
        return False

    async def _ask_aside(
        self,
        operation: Callable[[Actor, Asked], Awaitable[DraftView]],
        kind: type[Asked],
        *,
        is_shown: bool = True,
        **fields: Any,
    ) -> bool:
        """As `_ask`, for a background handler: the tab goes on while the answer is waited for, and sees it where it is.

        Nothing is shown where the tab has come to another draft meanwhile, or to another person; nor without
        `is_shown`, where the caller has something to do before.
        """
        refusal: AppError | None = None
        async with self, self._changing():
            actor, draft_id = await self._actor(), self.draft_id
            command = kind.model_validate({"draft_id": draft_id, "step": self.step, **fields})
        if self.save_error:
            return False
        try:
            await operation(actor, command)
        except AppError as error:
            refusal = error
        async with self, self._changing():
            if self.draft_id != draft_id or not self._belongs_to(actor):
                return False
            if refusal is not None:
                raise refusal
            if is_shown:
                await self._show(await wizards.read_draft(actor, DraftId(draft_id=UUID(draft_id), step=self.step)))
            return True
        return False

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[None]:
        """Change the draft; a refusal is told beside the field that it names, or above the step."""
        self.save_error = self.assist_note = ""
        try:
            yield
        except ValidationError:
            self.save_error = "Something here is longer than it may be. Shorten it and try again."
        except InputInvalid as error:
            self._reproach(error.fields)
        except NothingToPropose as error:
            self.assist_note = words.sentence(error.message)
        except AppError as error:
            self.save_error = words.sentence(error.message)

    def _reproach(self, problems: Mapping[str, str]) -> None:
        for row in self.fields:
            row["error"] = words.sentence(problems[row["key"]]) if row["key"] in problems else row["error"]
        known = {row["key"] for row in self.fields}
        self.save_error = " ".join(words.sentence(text) for name, text in problems.items() if name not in known)

    async def _show(self, view: DraftView, *, is_fresh: bool = False, sent: Mapping[str, Any] | None = None) -> None:
        """Show a draft; of what was `sent` by this tab the controls hold the text already."""
        shown = {field.key: field.answer for field in view.fields}
        is_other = is_fresh or (str(view.draft_id), view.step) != (self.draft_id, self.step)
        fillings = dict(self._fillings)
        for name in shown if is_other else wizard_answers.news(self._answers, shown, sent or {}):
            fillings[name] = fillings.get(name, 0) + 1
        rows = await self._with_previews(view, fillings)  # whatever fails, fails before anything is shown otherwise
        self.fields, self._fillings = rows, fillings
        self._answers, self._version = shown, view.version
        self._kinds = {field.key: field.kind for field in view.fields}
        self.draft_id, self.title, self.purpose = str(view.draft_id), view.title, view.purpose
        self.steps, self.step = wizard_rows.steps(view), view.step
        self.step_number = next(n for n, row in enumerate(view.steps, 1) if row.key == view.step)
        self.step_title, self.step_purpose = view.step_title, view.step_purpose
        self.is_first, self.is_review, self.finish_label = view.is_first, view.is_review, view.finish_label
        self.has_assist = view.has_assist
        self.problem_count = len(view.problems)
        self.summary = [
            AnswerRow(step=item.step, label=item.label, value=item.value, is_guess=item.is_guess)
            for item in view.summary
        ]
        self._remember_lost(view)
        self.finish, self.is_finished = wizard_rows.finish(view.finish), view.status == "completed"
        self.saved_at = words.moment(view.saved_at)

    async def _with_previews(self, view: DraftView, fillings: Mapping[str, int]) -> list[FieldRow]:
        rows = wizard_rows.fields(view, fillings)
        for row in rows:
            if row["kind"] == "preview" and view.status == "open":
                command = DraftField(draft_id=view.draft_id, field=row["key"])
                row["preview"] = wizard_rows.preview(await wizards.preview(await self._actor(), command))
        return rows

    def _forget_lost(self, name: str) -> None:
        self._lost.pop(name, None)
        self.lost = [row for row in self.lost if row["field"] != name]

    def _remember_lost(self, view: DraftView) -> None:
        for item in view.overwritten:
            self._lost[item.field] = item.answer
            kept = [row for row in self.lost if row["field"] != item.field]
            self.lost = [*kept, LostRow(field=item.field, label=item.label, lost=item.lost)]

    def _refill(self, name: str) -> None:
        self._fillings[name] = self._fillings.get(name, 0) + 1

    def _suggested(self) -> dict[str, Any]:
        """Give what is suggested in this step at present."""
        return {row["key"]: self._answers.get(row["key"]) for row in self.fields if row["guess"]}
