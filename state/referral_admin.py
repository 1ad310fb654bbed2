"""The administrators' page on referrals: which of its tabs is open, and a code of one's own word for a member."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import reflex as rx

from bizosaas_app.gateway import members, referral_codes, referral_programs
from bizosaas_app.gateway.contracts.members import ListUsers, MemberView
from bizosaas_app.gateway.contracts.referral_programs import ListPrograms
from bizosaas_app.gateway.contracts.referrals import Generate
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from state import notices
from state.area import Next
from state.form import FormState
from state.policy import policy
from state.rows import Choice
from state.session import SessionState
from state.tabs import TabsState

MANAGE: Final = "manage_referrals"
_MOST_CHOICES: Final = 100
"""Programmes that a picker offers; a tenant has a handful."""


class ReferralAdminState(TabsState, FormState, SessionState):
    """The tabs, the programmes that pickers offer, and the dialog that gives a member a code."""

    GUARD: ClassVar[str] = MANAGE
    TABS: ClassVar[tuple[str, ...]] = ("programmes", "conversions", "payouts")

    programs: list[Choice] = []
    made_url: str = ""
    made_for: str = ""

    @rx.event
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Open the tab that the address asks for."""
        self._open_asked_tab()
        self._arrive()

    @rx.event
    @policy(MANAGE)
    async def begin_code(self) -> None:
        """Open the dialog that gives a member a code, with the programmes that run now."""
        self.programs = await list_choices(await self._actor(), status="active")
        self._open_dialog("vanity")

    @rx.event
    @policy(MANAGE)
    async def give_code(self, sent: dict[str, Any]) -> Next:
        """Give the member with this address a code that is a word."""
        self.is_saving = True
        yield
        async with self._saving():
            actor = await self._actor()
            person = await _find_member(actor, str(sent.get("email", "")))
            asked = {
                "user_id": person.id,
                "code": _word(sent),
                "program_id": notices.id_of(str(sent.get("program", ""))),
            }
            made = await referral_codes.generate(actor, Generate.model_validate(asked))
            self.made_url, self.made_for = made.url, person.name or person.email
            yield ReferralAdminState.show_code

    @rx.event
    @policy(MANAGE)
    def show_code(self) -> None:
        """Show the link of the code that was just given, to be copied."""
        if self.made_url:
            self._open_dialog("made")


async def list_choices(actor: Actor, *, status: str | None = None) -> list[Choice]:
    """Give the programmes as choices of a picker, by name."""
    asked = {"sort": "name", "limit": _MOST_CHOICES, "status": status}
    page = await referral_programs.list_programs(actor, ListPrograms.model_validate(asked))
    return [Choice(value=str(item.id), label=item.name) for item in page.items]


def _word(sent: dict[str, Any]) -> str:
    word = str(sent.get("code", "")).strip()
    if not word:
        raise InputInvalid({"code": "Choose the word"})
    return word


async def _find_member(actor: Actor, email: str) -> MemberView:
    """Give the member with exactly this address; raises `InputInvalid` for `email`."""
    wanted = email.strip().lower()
    if wanted:
        page = await members.list_users(actor, ListUsers.model_validate({"q": wanted[:100], "limit": 50}))
        found = next((person for person in page.items if person.email == wanted), None)
        if found is not None:
            return found
    raise InputInvalid({"email": "No member of yours has this address"})
