"""The editor of a referral programme: its terms, and its tiers as rows that are added, moved and removed."""

from __future__ import annotations

from typing import Any, ClassVar

import reflex as rx

from bizosaas_app.gateway import referral_programs
from bizosaas_app.gateway.contracts.referral_programs import ChangeProgram, ProgramView, ReadProgram
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import notices, referral_terms, words
from state.area import Next
from state.form import FormState
from state.policy import policy
from state.referral_admin import MANAGE
from state.referral_programs import ProgramsState
from state.referral_rows import TierFields
from state.session import SessionState

MOST_TIERS = 20


class ProgramEditorState(FormState, SessionState):
    """The programme in the editor; without an id it is a new one."""

    GUARD: ClassVar[str] = MANAGE

    program_id: str = ""
    title: str = ""
    texts: dict[str, str] = {}
    switches: dict[str, bool] = {}
    tiers: list[TierFields] = []

    _opened_with: dict[str, Any] = {}
    """What the editor's fields said at first: what somebody else changes meanwhile is left as it is."""
    _added: int = 0
    """Names the rows that were added, so that what was typed moves with its row."""

    @rx.event
    @policy(MANAGE, page_load=True)
    def load(self) -> None:
        """Close the editor that an earlier visit has left open: the programme may be another by now."""
        self._arrive()

    @rx.event
    @policy(MANAGE)
    def begin(self) -> None:
        """Open the editor for a new programme, with one tier to fill in."""
        self._open("", "New programme", None)
        self.tiers = referral_terms.number([self._fresh("1")])

    @rx.event
    @policy(MANAGE)
    async def edit(self, program_id: str) -> Next:
        """Open the editor for a programme, as it is now."""
        try:
            command = ReadProgram(program_id=notices.id_of(program_id))
            view = await referral_programs.read_program(await self._actor(), command)
        except AppError as error:
            return rx.toast.error(words.sentence(error.message))
        self._open(program_id, f"Edit {view.name}", view)
        self.tiers = referral_terms.tiers_of(view)
        return None

    @rx.event
    @policy(MANAGE)
    def add_tier(self) -> None:
        """Add a tier at the end."""
        if len(self.tiers) < MOST_TIERS:
            self.tiers = referral_terms.number([*self.tiers, self._fresh("")])

    @rx.event
    @policy(MANAGE)
    def remove_tier(self, tier_id: str) -> None:
        """Take a tier out."""
        self.tiers = referral_terms.number([row for row in self.tiers if row["id"] != tier_id])

    @rx.event
    @policy(MANAGE)
    def raise_tier(self, tier_id: str) -> None:
        """Let a tier change places with the one before it."""
        rows = list(self.tiers)
        place = next((place for place, row in enumerate(rows) if row["id"] == tier_id), 0)
        if place:
            rows[place - 1 : place + 1] = [rows[place], rows[place - 1]]
        self.tiers = referral_terms.number(rows)

    @rx.event
    @policy(MANAGE)
    async def save(self, sent: dict[str, Any]) -> Next:
        """Make the programme, or change it; what cannot be is told beside its field."""
        self.is_saving = True
        yield
        rows = list(self.tiers)
        async with self._saving():
            try:
                await self._write(sent, rows)
            except InputInvalid as error:
                raise InputInvalid(referral_terms.locate(error.fields, rows)) from None
            yield [rx.toast.success("Programme saved"), ProgramsState.reload]
        first = next((name for name in referral_terms.TEXTS if name in self.errors), None)
        if first is not None:
            yield rx.set_focus(f"field-{first}")

    async def _write(self, sent: dict[str, Any], rows: list[TierFields]) -> None:
        actor = await self._actor()
        if not self.program_id:
            await referral_programs.create_program(actor, referral_terms.read_new(sent, rows))
            return
        changes = referral_terms.read_changes(sent, rows, self._opened_with)
        command = ChangeProgram(program_id=notices.id_of(self.program_id), changes=changes)
        await referral_programs.change_program(actor, command)

    def _open(self, program_id: str, title: str, view: ProgramView | None) -> None:
        self.program_id, self.title = program_id, title
        self._opened_with = referral_terms.document_of(view) if view else {}
        self.texts, self.switches = referral_terms.texts_of(view), referral_terms.switches_of(view)
        self._open_dialog("program")

    def _fresh(self, threshold: str) -> TierFields:
        self._added += 1
        return TierFields(
            id=f"added{self._added}",
            number=0,
            key="",
            name="",
            threshold=threshold,
            reward="",
            referred_reward="",
        )
