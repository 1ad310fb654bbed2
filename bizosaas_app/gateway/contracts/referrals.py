"""Codes, their links and what came of them: what is asked and answered."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from bizosaas_app.gateway.contracts.base import Command, Moment, View
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_programs import TierView
from bizosaas_app.gateway.contracts.spans import Span
from bizosaas_app.gateway.contracts.text import Line


def _network_address(value: str) -> str:
    try:
        return str(ip_address(value.strip()))
    except ValueError:
        raise ValueError("Not an IPv4 or IPv6 address") from None


NetworkAddress = Annotated[Line, Field(max_length=64), AfterValidator(_network_address)]
Fingerprint = Annotated[Line, Field(min_length=1, max_length=256)]
CodeText = Annotated[Line, Field(min_length=1, max_length=64)]


class Generate(Command):
    """Asks for a code: one's own, or that of `user_id`. The last three describe the referrer, for the fraud signals.

    `code` is a word that an administrator chooses; it comes beside the member's own code.
    """

    program_id: UUID | None = None
    user_id: UUID | None = None
    channel: Annotated[Line, Field(min_length=1, max_length=64)] | None = None
    code: CodeText | None = None
    device_fingerprint: Fingerprint | None = None
    payment_fingerprint: Fingerprint | None = None
    ip_address: NetworkAddress | None = None


class CodeView(View):
    """A code with the link to share."""

    code: str
    url: str
    program_id: UUID
    user_id: UUID
    created_at: Moment
    is_new: bool = Field(exclude=True)


class DrawCode(Command):
    """Which code to draw."""

    code: CodeText


class QrView(View):
    """A picture."""

    content: bytes
    media_type: str


class OfProgram(Command):
    """Which programme; the default one if left out."""

    program_id: UUID | None = None


class OwnPrograms(Command):
    """Asks for nothing more than who asks."""


class OwnProgramView(View):
    """A programme that one takes part in, by its name."""

    id: UUID
    name: str


class OwnProgramsView(View):
    """The default programme first, then those in which one has a code or rewards."""

    items: list[OwnProgramView]


class CountersView(View):
    """Since the member joined."""

    clicks: int
    sign_ups: int
    conversions: int
    approved: int
    pending: int


class MineView(View):
    """One's own referrals in a programme; `code` and `url` are null before a code was generated.

    `share` gives for each channel the address that opens it with a prepared message.
    """

    program_id: UUID
    program_name: str
    code: str | None
    url: str | None
    share: dict[str, str]
    tier: TierView | None
    next_tier: TierView | None
    missing_for_next: int | None
    tiers: list[TierView]
    currency: str
    counters: CountersView


class FollowLink(Command):
    """A visitor of a link: the click that the cookie names, and the access token of who is signed in.

    `is_probe` says that nobody looks at the answer: a link is checked, or fetched in advance. `showcase` is the slug of
    the page that led here, if one did.
    """

    code: str
    click_id: str | None = None
    access_token: str | None = None
    is_probe: bool = False
    showcase: str | None = None


class LandingView(View):
    """Where the visitor is sent, and the click to remember; null when none was recorded."""

    location: str
    click_id: str | None


class FunnelQuery(Span):
    """Which days, which programme and whose; all that one may see if left out."""

    program_id: UUID | None = None
    user_id: UUID | None = None
    days: int = Field(30, ge=1, le=3660)
    """How many days of the tenant's calendar it has when its beginning is left out."""


class RatesView(View):
    """Sign-ups and conversions as shares of the clicks; approvals of the conversions; rewards of the approvals."""

    sign_up: float
    conversion: float
    approval: float
    reward: float


class FunnelView(View):
    """How far referrals came in the span; `rewarded` are approved ones whose reward is no longer held."""

    clicks: int
    sign_ups: int
    conversions: int
    approved: int
    rewarded: int
    rates: RatesView
    begin: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")


class ReadMoves(OfProgram):
    """Whose moves; one's own if left out."""

    user_id: UUID | None = None
    limit: int = Field(50, ge=1, le=200)


class MoveView(View):
    """A move between tiers, by their keys; null is no tier."""

    from_tier: str | None
    to_tier: str | None
    conversion_id: UUID
    moved_at: Moment


class MovesView(View):
    """The latest moves, and the tier of now."""

    program_id: UUID
    tier: str | None
    items: list[MoveView]


class BalanceView(View):
    """An account: what is still held, what can be paid out, and what was."""

    held: MoneyView
    payable: MoneyView
    paid: MoneyView
