"""Tables of one's own referrals: what was bought through the link, and the account of rewards; live."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

import reflex as rx

from bizosaas_app.gateway import notice_watching, referral_codes, referral_conversions, referral_rewards
from bizosaas_app.gateway.contracts.base import CountedPage
from bizosaas_app.gateway.contracts.referral_conversions import ConversionQuery, ConversionView
from bizosaas_app.gateway.contracts.referral_rewards import EntryView, ReadRewards
from bizosaas_app.gateway.contracts.referrals import OwnPrograms
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from state import notices, referral_words, words
from state.following import FollowingState
from state.guarded import opens_page
from state.listing import ListingState
from state.referral_rows import EntryRow, OwnConversionRow
from state.session import SessionState

READ: Final = "view_referrals"


class OwnTableState(FollowingState, ListingState, mixin=True):
    """A table of the member's in a programme: the chosen one, else the default one of the tenant."""

    program_id: str = ""

    @rx.event(background=True, supersedes=True)
    @opens_page
    async def load(self) -> None:
        """Read the first page, and the shown one again whenever the member is told something."""
        async with self:
            self._cursors = []
        await self._follow()

    @rx.event
    async def choose_program(self, program_id: str) -> None:
        """Show another programme of the member's."""
        self.program_id = str(program_id)
        await self._restart()

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return notice_watching.watch_notices(actor)

    async def _read(self, actor: Actor) -> None:
        program_id = await find_program(actor, self.program_id)
        if program_id is None:
            self._succeed(is_empty=True)
        else:
            await self._read_of(actor, program_id)

    async def _read_of(self, actor: Actor, program_id: UUID) -> None:
        """Read the page that is shown of a programme."""
        raise NotImplementedError


class OwnConversionsState(OwnTableState, SessionState):
    """What was bought through the member's link."""

    GUARD: ClassVar[str] = READ

    rows: list[OwnConversionRow] = []
    sort: str = "-occurred_at"
    filters: dict[str, str] = {"status": ""}

    async def _read_of(self, actor: Actor, program_id: UUID) -> None:
        # `q` is for who runs the programmes: a member who sends words is not refused their own list for it.
        asked = self._wanted(ConversionQuery, q="", as_referrer=True, program_id=program_id)
        page = await referral_conversions.list_conversions(actor, asked)
        self.rows = [conversion_row(view) for view in page.items]
        self._paged(page)


class OwnRewardsState(OwnTableState, SessionState):
    """The movements of the member's account in a programme."""

    GUARD: ClassVar[str] = READ

    rows: list[EntryRow] = []
    sort: str = "-created_at"

    async def _read_of(self, actor: Actor, program_id: UUID) -> None:
        view = await referral_rewards.read_rewards(actor, self._wanted(ReadRewards, program_id=program_id))
        now = utc_now()
        self.rows = [entry_row(entry, now) for entry in view.entries]
        self._paged(CountedPage[EntryView](items=view.entries, next_cursor=view.next_cursor, total=view.total))


async def find_program(actor: Actor, chosen: str) -> UUID | None:
    """Give the chosen programme, else the member's default one; None where the tenant has none yet."""
    if chosen:
        return notices.id_of(chosen)
    own = (await referral_codes.list_own_programs(actor, OwnPrograms())).items
    return own[0].id if own else None


def conversion_row(view: ConversionView) -> OwnConversionRow:
    """Show a conversion to its referrer."""
    label, tone = referral_words.STATUSES[view.status]
    note = referral_words.reason(view)
    return OwnConversionRow(
        id=str(view.id),
        address=view.referred_email,
        order_value=referral_words.worth(view.order_value),
        occurred_at=words.moment(view.occurred_at),
        label=label,
        tone=tone,
        note=note.before,
        note_at=note.at,
        note_after=note.after,
        reward=referral_words.earns(view),
    )


def entry_row(view: EntryView, now: datetime) -> EntryRow:
    """Show a movement; the note of a payout is for its reader, that of what was taken back is not."""
    due = referral_words.due(view, now)
    return EntryRow(
        id=str(view.id),
        title=referral_words.entry(view),
        note=(view.note or "") if view.kind == "payout" else "",
        amount=referral_words.signed(view.amount),
        tone="good" if view.kind == "earned" else "neutral",
        at=words.moment(view.created_at),
        due=due.before,
        due_at=due.at,
    )
