"""One's own referrals: the link with what shares it, the tier, the account and the funnel; live."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any, ClassVar, Final
from uuid import UUID

import reflex as rx

from bizosaas_app.gateway import notice_watching, referral_codes, referral_rewards
from bizosaas_app.gateway.contracts.referral_rewards import ReadRewards
from bizosaas_app.gateway.contracts.referrals import (
    BalanceView,
    DrawCode,
    Generate,
    MineView,
    OfProgram,
    OwnPrograms,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError
from state import notices, referral_funnel, referral_tiers, referral_words, words
from state.area import Next
from state.following import FollowingState
from state.policy import policy
from state.referral_own import READ, OwnConversionsState, OwnRewardsState
from state.referral_rows import FunnelRow, ShareRow, TierRow
from state.rows import Choice, StatRow
from state.session import SessionState

_CHANNELS: Final = {"mail": "Mail", "whatsapp": "WhatsApp", "x": "X", "linkedin": "LinkedIn"}


class ReferralsState(FollowingState, SessionState):
    """The member's code in the default programme, and what came of it."""

    GUARD: ClassVar[str] = READ

    programs: list[Choice] = []
    program_id: str = ""
    """The programme that is shown; nothing is the default one."""
    program: str = ""
    code: str = ""
    url: str = ""
    shares: list[ShareRow] = []
    qr: str = ""
    tiers: list[TierRow] = []
    tier_title: str = ""
    tier_next: str = ""
    tier_percent: int = 0
    stats: list[StatRow] = []
    period: str = referral_funnel.USUAL
    funnel: list[FunnelRow] = []
    funnel_summary: str = ""
    is_making: bool = False

    @rx.event
    @policy(READ)
    async def make_code(self) -> Next:
        """Give the member a code, the same at each call."""
        self.is_making = True
        yield
        try:
            asked = Generate(program_id=_id(self.program_id))
            await referral_codes.generate(await self._actor(), asked)
        except AppError as error:
            yield rx.toast.error(words.sentence(error.message))
        else:
            await self._reread()
        self.is_making = False

    @rx.event
    @policy(READ)
    async def choose_program(self, program_id: str) -> Next:
        """Show another programme, on the whole page."""
        if program_id not in {choice["value"] for choice in self.programs}:
            return rx.toast.error("There is no such programme")
        self.program_id = program_id
        await self._reread()
        tables: list[Any] = [OwnConversionsState.choose_program, OwnRewardsState.choose_program]
        return [choose(program_id) for choose in tables]

    @rx.event
    @policy(READ)
    async def choose_period(self, period: str) -> Next:
        """Count the funnel of another period."""
        if not referral_funnel.is_period(period):
            return rx.toast.error("There is no such period")
        self.period = period
        async with self._showing():
            await self._read_funnel(await self._actor())
        return None

    @rx.event
    @policy(READ)
    async def download_svg(self) -> Next:
        """Save the QR code as a drawing, for print."""
        if not self.code:
            return None
        view = await referral_codes.draw_svg(await self._actor(), DrawCode(code=self.code))
        return rx.download(data=view.content, filename=f"referral-{self.code}.svg")

    @rx.event
    @policy(READ)
    async def download_png(self) -> Next:
        """Save the QR code as a picture."""
        if not self.code:
            return None
        view = await referral_codes.draw_png(await self._actor(), DrawCode(code=self.code))
        return rx.download(data=view.content, filename=f"referral-{self.code}.png")

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return notice_watching.watch_notices(actor)

    async def _read(self, actor: Actor) -> None:
        own = (await referral_codes.list_own_programs(actor, OwnPrograms())).items
        if not own:
            self._succeed(is_empty=True)  # the first code of a tenant makes its first programme
            return
        self.programs = [Choice(value=str(item.id), label=item.name) for item in own]
        self.program_id = self.program_id or self.programs[0]["value"]
        mine = await referral_codes.read_mine(actor, OfProgram(program_id=_id(self.program_id)))
        account = await referral_rewards.read_rewards(actor, ReadRewards(program_id=mine.program_id, limit=1))
        await self._show(actor, mine)
        await self._read_funnel(actor)
        self.stats = _stats(mine, account.balance)
        self._succeed(is_empty=mine.code is None and not account.total and not mine.counters.conversions)

    async def _show(self, actor: Actor, mine: MineView) -> None:
        self.program, self.url = mine.program_name, mine.url or ""
        if mine.code and mine.code != self.code:
            self.qr = _inline((await referral_codes.draw_svg(actor, DrawCode(code=mine.code))).content)
        self.code = mine.code or ""
        self.shares = [ShareRow(key=key, label=_CHANNELS.get(key, key), url=url) for key, url in mine.share.items()]
        self.tiers = referral_tiers.rows(mine)
        self.tier_title, self.tier_next = referral_tiers.title(mine), referral_tiers.ahead(mine)
        self.tier_percent = referral_tiers.percent(mine)

    async def _read_funnel(self, actor: Actor) -> None:
        query = referral_funnel.query(self.period, program_id=_id(self.program_id), user_id=actor.member_id())
        view = await referral_codes.read_funnel(actor, query)
        self.funnel = referral_funnel.rows(view)
        self.funnel_summary = referral_funnel.summary(view, self.period)


def _stats(mine: MineView, balance: BalanceView) -> list[StatRow]:
    pending = mine.counters.pending
    return [
        words.stat(
            "Approved referrals",
            words.number(mine.counters.approved),
            change=f"{words.number(pending)} being checked" if pending else "none is being checked",
        ),
        words.stat("Held", referral_words.worth(balance.held), change="until no refund is possible"),
        words.stat("Payable", referral_words.worth(balance.payable), change=_coming(balance)),
        words.stat("Paid out", referral_words.worth(balance.paid), change="since you joined"),
    ]


def _coming(balance: BalanceView) -> str:
    if balance.payable.currency == referral_words.NO_CURRENCY:
        return "points are yours at once"
    return "comes with the next payout" if Decimal(balance.payable.amount) > 0 else "nothing is due yet"


def _id(program_id: str) -> UUID | None:
    return notices.id_of(program_id) if program_id else None


def _inline(svg: bytes) -> str:
    """Give a drawing as an address that carries it."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
