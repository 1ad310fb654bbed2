"""Everybody's conversions, for who runs the programmes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar

import reflex as rx

from bizosaas_app.gateway import referral_conversions, review_watching
from bizosaas_app.gateway.contracts.referral_conversions import ConversionQuery, ConversionView, ReverseConversion
from bizosaas_app.kernel.actor import Actor
from state import notices, referral_words, words
from state.area import Next
from state.following import TABLE_PAUSE_SECONDS, FollowingState
from state.form import FormState
from state.listing import ListingState
from state.policy import policy
from state.referral_admin import MANAGE, list_choices
from state.referral_rows import ConversionRow
from state.rows import Choice
from state.session import SessionState

_STANDING = ("approved", "pending_review")


class AllConversionsState(FollowingState, ListingState, FormState, SessionState):
    """The table of conversions, and the dialog that undoes one."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[ConversionRow] = []
    programs: list[Choice] = []
    sort: str = "-occurred_at"
    filters: dict[str, str] = {"status": "", "decision": "", "program_id": ""}
    chosen_id: str = ""
    chosen_title: str = ""

    @rx.event(background=True, supersedes=True)
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the first page, and the shown one again as conversions come, are decided or are undone."""
        async with self:
            self._cursors = []
        await self._follow(TABLE_PAUSE_SECONDS)

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return review_watching.watch_desk(actor)

    @rx.event
    @policy(MANAGE)
    def choose_conversion(self, conversion_id: str) -> None:
        """Open the dialog that undoes a conversion."""
        found = next((row for row in self.rows if row["id"] == conversion_id), None)
        if found is not None:
            self.chosen_id = found["id"]
            self.chosen_title = f"{found['email']}, {found['order_value']}, referred by {found['referrer']}"
            self._open_dialog("reverse")

    @rx.event
    @policy(MANAGE)
    async def reverse(self, sent: dict[str, Any]) -> Next:
        """Undo the chosen conversion, with its reward, its tier and its points."""
        self.is_saving = True
        yield
        async with self._saving():
            asked = {"conversion_id": notices.id_of(self.chosen_id), "reason": str(sent.get("reason", "")).strip()}
            await referral_conversions.reverse_conversion(await self._actor(), ReverseConversion.model_validate(asked))
            await self._turn()
            yield rx.toast.success("Undone. The reward and the points were taken back.")

    async def _read(self, actor: Actor) -> None:
        self.programs = [Choice(value="", label="All programmes"), *await list_choices(actor)]
        page = await referral_conversions.list_conversions(actor, self._wanted(ConversionQuery))
        names = {choice["value"]: choice["label"] for choice in self.programs}
        self.rows = [conversion_row(view, names) for view in page.items]
        self._paged(page)


def conversion_row(view: ConversionView, programs: Mapping[str, str]) -> ConversionRow:
    """Show a conversion to who runs the programmes; `programs` are their names by id."""
    label, tone = referral_words.STATUSES[view.status]
    verdict, verdict_tone = referral_words.DECISIONS[view.fraud.decision] if view.fraud else ("", "neutral")
    return ConversionRow(
        id=str(view.id),
        email=view.referred_email,
        external_id=view.external_id,
        referrer=view.referrer_name,
        program=programs.get(str(view.program_id), ""),
        order_value=referral_words.worth(view.order_value),
        occurred_at=words.moment(view.occurred_at),
        label=label,
        tone=tone,
        score=str(view.fraud.score) if view.fraud else "",
        verdict=verdict,
        verdict_tone=verdict_tone,
        reward=referral_words.earns(view),
        is_standing=view.status in _STANDING,
    )
