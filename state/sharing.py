"""What the organisation shares with others: signals of fraud, and its standing within its industry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import reflex as rx
from reflex.event import EventSpec

from bizosaas_app.gateway import fraud, industry
from bizosaas_app.gateway.contracts.fraud import ChooseFraudSettings, ReadFraudSettings
from bizosaas_app.gateway.contracts.industry import IndustryView, ReadIndustry, ShareStanding
from bizosaas_app.kernel.errors import AppError
from state import ranks, words
from state.area import AreaState
from state.policy import policy
from state.session import SessionState

SIGNALS: Final = "manage_referrals"
STANDING: Final = "manage_settings"


class SharingState(AreaState, SessionState):
    """The two choices, each with what it brings."""

    shares_signals: bool = False
    shares_standing: bool = False
    industry: str = ""
    smallest_group: int = 0
    standing: str = ""
    middle: str = ""
    busy: str = ""
    """Which of the two is being saved."""

    @rx.event
    @policy(STANDING)
    async def load(self) -> None:
        """Read both choices."""
        async with self._showing():
            actor = await self._actor()
            self.shares_signals = (await fraud.read_settings(actor, ReadFraudSettings())).shares_signals
            self._show(await industry.read_industry(actor, ReadIndustry()))
            self._succeed()

    @rx.event
    @policy(SIGNALS)
    async def share_signals(self, is_on: bool) -> AsyncIterator[EventSpec | None]:
        """Take part in network learning, or take back all that was told."""
        self.busy = "signals"
        yield None
        try:
            actor = await self._actor()
            command = ChooseFraudSettings(shares_signals=bool(is_on))
            self.shares_signals = (await fraud.choose_settings(actor, command)).shares_signals
            yield rx.toast.success("You take part now" if is_on else "Left. What you told was taken back.")
        except AppError as error:
            yield rx.toast.error(words.sentence(error.message))
        finally:
            self.busy = ""

    @rx.event
    @policy(STANDING)
    async def share_standing(self, is_on: bool) -> AsyncIterator[EventSpec | None]:
        """Take part in the comparison within the industry, or leave it."""
        self.busy = "standing"
        yield None
        try:
            actor = await self._actor()
            self._show(await industry.share_standing(actor, ShareStanding(shares=bool(is_on))))
            yield rx.toast.success("You take part now" if is_on else "You no longer take part")
        except AppError as error:
            yield rx.toast.error(words.sentence(error.message))
        finally:
            self.busy = ""

    def _show(self, view: IndustryView) -> None:
        self.industry, self.shares_standing = view.industry or "", view.shares
        self.smallest_group = view.smallest_group
        found = view.standing
        self.standing = "" if found is None else f"{ranks.ordinal(found.rank)} of {words.number(found.of)} this month"
        self.middle = "" if found is None else _compared(found.points_per_member, found.middle)


def _compared(own: float, middle: float) -> str:
    points = words.number(own)
    return f"{points} points per active member; half of the group has {words.number(middle)} or more."
