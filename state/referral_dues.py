"""Rewards that are due, and paying them out."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx
from pydantic import ValidationError
from reflex.event import EventSpec

from bizosaas_app.gateway import referral_rewards
from bizosaas_app.gateway.contracts.referral_rewards import DuePage, DueView, ListDue, PayOut, PayoutsView
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, NotFound
from state import notices, referral_words, words
from state.area import Next, refusal
from state.listing import ListingState
from state.policy import policy
from state.referral_admin import MANAGE, list_choices
from state.referral_rows import DueRow
from state.rows import Choice
from state.session import SessionState


class DuesState(ListingState, SessionState):
    """The members with something payable in a programme, and what a payout to all of them would cost."""

    GUARD: ClassVar[str] = MANAGE

    rows: list[DueRow] = []
    programs: list[Choice] = []
    sort: str = "-payable"
    filters: dict[str, str] = {"program_id": ""}
    program_name: str = ""
    min_payout: str = ""
    ready: int = 0
    ready_sum: str = ""
    ready_text: str = ""
    is_paying: bool = False

    _program_id: str = ""

    @rx.event
    @policy(MANAGE, page_load=True)
    async def load(self) -> None:
        """Read the programmes to choose from and who is owed what in the default one."""
        async with self._showing():
            known = await list_choices(await self._actor())
            self.programs = [Choice(value="", label="Default programme"), *known]
        await self._restart()

    @rx.event
    @policy(MANAGE)
    async def pay(self, user_id: str) -> Next:
        """Pay one member's whole payable balance."""
        self.is_paying = True
        yield
        yield await self._pay(user_id)

    @rx.event
    @policy(MANAGE)
    async def pay_all(self) -> Next:
        """Pay everybody who has enough."""
        self.is_paying = True
        yield
        yield await self._pay(None)

    async def _pay(self, user_id: str | None) -> EventSpec:
        """Pay in the programme that is shown, which the default one may have stopped to be."""
        asked = {"program_id": self._program_id, "user_id": notices.id_of(user_id) if user_id else None}
        names = {row["user_id"]: row["name"] for row in self.rows}
        try:
            paid = await referral_rewards.pay_out(await self._actor(), PayOut.model_validate(asked))
        except (AppError, ValidationError) as error:
            return refusal(error, "That could not be paid")
        finally:
            self.is_paying = False
            await self._turn()
        return rx.toast.success(told(paid, names))

    async def _read(self, actor: Actor) -> None:
        try:
            page = await referral_rewards.list_due(actor, self._wanted(ListDue))
        except NotFound:
            self._succeed(is_empty=True)  # a tenant without a programme owes nobody anything
            return
        self._show(page)
        self._paged(page)
        self._succeed()  # an empty one still has other programmes to choose

    def _show(self, page: DuePage) -> None:
        self._program_id = str(page.program_id)
        self.program_name = page.program_name
        self.min_payout = referral_words.worth(page.min_payout)
        self.ready, self.ready_sum = page.ready, referral_words.worth(page.ready_sum)
        self.ready_text = words.counted(page.ready, "member", "members")
        self.rows = [due_row(view) for view in page.items]


def due_row(view: DueView) -> DueRow:
    """Show what a member is owed."""
    return DueRow(
        user_id=str(view.user_id),
        name=view.name,
        email=view.email,
        initials=words.initials(view.name),
        payable=referral_words.worth(view.balance.payable),
        held=referral_words.worth(view.balance.held),
        paid=referral_words.worth(view.balance.paid),
        is_enough=view.is_enough,
    )


def told(paid: PayoutsView, names: dict[str, str]) -> str:
    """Say what was paid to whom: what a member earned since the question counts too."""
    if len(paid.items) == 1:
        item = paid.items[0]
        return f"Paid {referral_words.worth(item.amount)} to {names.get(str(item.user_id), 'the member')}"
    return f"Paid {referral_words.total([item.amount for item in paid.items])} to {len(paid.items)} members"
