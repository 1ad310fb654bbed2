"""The thresholds of the fraud engine: one for all programmes, or each programme its own."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import fraud, referral_programs
from bizosaas_app.gateway.contracts.fraud import ChooseFraudSettings, ReadFraudSettings
from bizosaas_app.gateway.contracts.referral_programs import ChangeProgram, ListPrograms, ProgramChanges, ProgramView
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import fraud_words, notices
from state.area import AreaState, refusal
from state.changes import changes_of
from state.form import FormState
from state.fraud_desk import MANAGE
from state.fraud_rows import ScaleRow
from state.policy import policy
from state.session import SessionState

NEVER: Final = 101
_SCORE: Final = "A whole number from 1 to 101"
_NOTHING: Final[ScaleRow] = {"id": "", "name": "", "review": "", "block": "", "text": "", "is_checked": True}


class FraudThresholdsState(AreaState, FormState, SessionState):
    """The choice in force, and the dialogs that change it."""

    GUARD: ClassVar[str] = MANAGE

    is_one_for_all: bool = False
    own_review: str = ""
    own_block: str = ""
    own_text: str = ""
    programs: list[ScaleRow] = []
    chosen_program: ScaleRow = _NOTHING
    """The programme whose dialog is open."""

    @rx.event
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the choice and the programmes."""
        self._arrive()
        async with self._showing():
            await self._read()

    @rx.event
    @policy(MANAGE)
    async def choose_for_all(self, sent: dict[str, Any]) -> EventSpec | None:
        """Let one pair of thresholds count in every programme."""
        async with self._saving():
            review, block = _scores(sent)
            await self._choose(review, block)
            return rx.toast.success("Saved. It counts from the next conversion on.")
        return None

    @rx.event
    @policy(MANAGE)
    async def leave_to_programs(self) -> EventSpec:
        """Let each programme's own thresholds count again."""
        try:
            await self._choose(None, None)
        except AppError as error:
            return refusal(error)
        self._tidy()
        return rx.toast.success("Saved. Each programme's own thresholds count from the next conversion on.")

    @rx.event
    @policy(MANAGE)
    def open_program(self, program_id: str) -> None:
        """Open the dialog of a programme."""
        found = next((row for row in self.programs if row["id"] == program_id), None)
        if found is not None:
            self.chosen_program = found
            self._open_dialog("program")

    @rx.event
    @policy(MANAGE)
    async def change_program(self, sent: dict[str, Any]) -> EventSpec | None:
        """Change the thresholds of the programme whose dialog is open."""
        async with self._saving():
            review, block = _scores(sent)
            before = {f"{name}_threshold": self.chosen_program[name] for name in ("review", "block")}
            wanted = {"review_threshold": str(review), "block_threshold": str(block)}
            changes = ProgramChanges.model_validate(changes_of(before, wanted))
            program_id = notices.id_of(self.chosen_program["id"])
            await referral_programs.change_program(
                await self._actor(), ChangeProgram(program_id=program_id, changes=changes)
            )
            await self._read()
            return rx.toast.success(f"Saved for {self.chosen_program['name']}")
        return None

    async def _choose(self, review: int | None, block: int | None) -> None:
        actor = await self._actor()
        await fraud.choose_settings(actor, ChooseFraudSettings(review_threshold=review, block_threshold=block))
        await self._read()

    async def _read(self) -> None:
        actor = await self._actor()
        own = await fraud.read_settings(actor, ReadFraudSettings())
        known = (await referral_programs.list_programs(actor, ListPrograms(limit=200))).items
        self.is_one_for_all = own.review_threshold is not None
        review, block = own.review_threshold or 40, own.block_threshold or 80
        self.own_review, self.own_block = str(review), str(block)
        self.own_text = fraud_words.thresholds(review, block)
        self.programs = [_row(program) for program in known if program.status != "archived"]
        self._succeed()


def _row(program: ProgramView) -> ScaleRow:
    review, block = program.review_threshold, program.block_threshold
    return ScaleRow(
        id=str(program.id),
        name=program.name,
        review=str(review),
        block=str(block),
        text=fraud_words.thresholds(review, block) if program.is_fraud_checked else "Fraud checks are off",
        is_checked=program.is_fraud_checked,
    )


def _scores(sent: dict[str, Any]) -> tuple[int, int]:
    """Read both thresholds of a form; raises `InputInvalid` by field."""
    found: dict[str, int] = {}
    faults: dict[str, str] = {}
    for name in ("review_threshold", "block_threshold"):
        text = str(sent.get(name, "")).strip()
        if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= NEVER:
            found[name] = int(text)
        else:
            faults[name] = _SCORE
    if not faults and found["block_threshold"] < found["review_threshold"]:
        faults["block_threshold"] = "At least as high as the review threshold"
    if faults:
        raise InputInvalid(faults)
    return found["review_threshold"], found["block_threshold"]
