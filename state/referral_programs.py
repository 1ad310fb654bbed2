"""The list of referral programmes: finding them, pausing, resuming and archiving them."""

from __future__ import annotations

from typing import ClassVar, Final

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import referral_programs
from bizosaas_app.gateway.contracts.referral_programs import ChangeProgram, ListPrograms, ProgramChanges, ProgramView
from bizosaas_app.kernel.actor import Actor
from state import notices, referral_words, words
from state.listing import ListingState
from state.policy import policy
from state.referral_admin import MANAGE
from state.referral_rows import ProgramRow
from state.session import SessionState

STATUSES: Final = {
    "active": ("Running", "good"),
    "draft": ("Draft", "neutral"),
    "paused": ("Paused", "warn"),
    "archived": ("Archived", "neutral"),
}
"""Label and tone of each status, in the order that they are picked in."""
_DONE: Final = {
    "active": "The programme runs. Its links count from now on.",
    "paused": "Paused. Links still lead on, and nothing new is counted.",
    "archived": "Archived. What was earned in it stays.",
}
_KINDS: Final = {"cash": "Cash", "credit": "Credit", "points": "Points"}


class ProgramsState(ListingState, SessionState):
    """The table of programmes."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[ProgramRow] = []
    sort: str = "created_at"
    filters: dict[str, str] = {"status": ""}

    @rx.event
    @policy(MANAGE)
    async def change_status(self, program_id: str, status: str) -> EventSpec:
        """Pause a programme, let it run again, or archive it for good."""
        return await self._attempt(lambda actor: _change(actor, program_id, status))

    async def _read(self, actor: Actor) -> None:
        page = await referral_programs.list_programs(actor, self._wanted(ListPrograms))
        self.rows = [program_row(view) for view in page.items]
        self._paged(page)


async def _change(actor: Actor, program_id: str, status: str) -> str:
    changes = ProgramChanges.model_validate({"status": status})
    await referral_programs.change_program(actor, ChangeProgram(program_id=notices.id_of(program_id), changes=changes))
    return _DONE.get(status, "Saved")


def program_row(view: ProgramView) -> ProgramRow:
    """Show a programme in the list."""
    label, tone = STATUSES[view.status]
    sides = "both sides" if view.reward_sides == "double" else "the referrer"
    return ProgramRow(
        id=str(view.id),
        name=view.name,
        detail=view.landing_url,
        status=view.status,
        status_label=label,
        tone=tone,
        is_default=view.is_default,
        reward=f"{_KINDS[view.reward_kind]} for {sides}",
        tiers=_tiers(view),
        hold=words.counted(view.hold_days, "day", "days") if view.hold_days else "none",
        changed_at=words.moment(view.updated_at),
    )


def _tiers(view: ProgramView) -> str:
    if not view.tiers:
        return "No tiers"
    currency = referral_words.NO_CURRENCY if view.reward_kind == "points" else view.currency
    first, last = view.tiers[0], view.tiers[-1]
    low = referral_words.terms(first.reward, currency)
    if len(view.tiers) == 1:
        return f"1 tier, {low}"
    return f"{len(view.tiers)} tiers, {low} to {referral_words.terms(last.reward, currency)}"
