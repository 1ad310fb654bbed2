"""Campaigns: what is planned and launched, and what is seen of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words, YesNo
from bizosaas_app.gateway.contracts.money import Amount, MoneyView
from bizosaas_app.gateway.contracts.text import Line, Name
from bizosaas_app.services.gamification.admission import is_storable

ChannelKind = Literal["email", "webhook", "notice", "console"]
CampaignStatus = Literal["active", "paused", "completed", "cancelled"]
SendStatus = Literal["pending", "running", "sent", "failed", "skipped", "cancelled"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MemberRole = Literal["tenant_admin", "user"]
MemberStatus = Literal["active", "invited", "suspended"]

USUAL_STATUSES: Final[tuple[MemberStatus, ...]] = ("active",)
WEEK: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _without_nul(value: str) -> str:
    if not is_storable(value):
        raise ValueError("Must not contain a NUL character")
    return value


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    if not is_storable(value):
        raise ValueError("JSON only, not nested too deep, without NaN, infinity or NUL")
    return value


Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]
"""A time of the day in the organisation's time zone."""
Text = Annotated[str, Field(max_length=20_000), AfterValidator(_without_nul)]
Payload = Annotated[dict[str, Any], AfterValidator(_storable)]


class NewActivity(Command):
    """Members that have (or with `has: false` have not) at least so many events of a type within the last days."""

    has: YesNo = True
    event: Line = Field("*", min_length=1, max_length=100, description="A type of the ledger, or * for any")
    days: int = Field(ge=1, le=3650)
    at_least: int = Field(1, ge=1, le=1_000_000)


class NewAudience(Command):
    """Which members a campaign is for; what is left out chooses nobody away."""

    roles: list[MemberRole] = Field(default_factory=list, max_length=2)
    statuses: list[MemberStatus] = Field(default_factory=lambda: list(USUAL_STATUSES), max_length=3)
    joined_from: date | None = None
    joined_until: date | None = None
    activity: NewActivity | None = None
    opted_in_only: YesNo = Field(False, description="Only those who have chosen campaigns by mail themselves")


class NewChannel(Command):
    """What goes through one channel. A mail and a notice need subject and text, a webhook url and payload."""

    kind: ChannelKind
    budget: Amount = Decimal(0)
    subject: Line = Field("", max_length=1000)
    text: Text = ""
    url: Line = Field("", max_length=4000)
    payload: Payload | None = None
    tracks_clicks: YesNo = Field(False, description="Whether links in a mail tell when they are followed")


class NewCap(Command):
    """At most so many messages to one person within so many days, over all campaigns."""

    messages: int
    days: int


class NewSchedule(Command):
    """When messages may go, in the organisation's time zone."""

    starts_at: Moment | None = Field(None, description="Now, if left out")
    ends_at: Moment | None = Field(None, description="Thirty days after the beginning, if left out")
    send_from: Clock = "00:00"
    send_until: Clock = Field("00:00", description="Equal to send_from is the whole day")
    quiet_from: Clock | None = None
    quiet_until: Clock | None = None
    days: list[Day] = Field(default_factory=lambda: list(WEEK), max_length=7)
    cap: NewCap | None = None


class NewCampaign(Command):
    """A campaign as it is wanted; the channels' shares add up to the budget, in the organisation's currency."""

    name: Name
    goal: Line = Field("", max_length=300)
    audience: NewAudience = Field(default_factory=NewAudience)
    budget: Amount = Decimal(0)
    channels: list[NewChannel] = Field(min_length=1, max_length=4)
    schedule: NewSchedule = Field(default_factory=NewSchedule)


class DryRunCampaign(NewCampaign):
    """Asks what a launch would do; `shown` messages and people left out are listed, all are counted."""

    shown: int = Field(50, ge=0, le=500)


class LaunchCampaign(NewCampaign):
    """Launches a campaign once: the sender makes `draft_id`, so that a repetition changes nothing."""

    draft_id: UUID


class ListCampaigns(SortedPaging):
    """Which campaigns, and which page of them."""

    sort: Sort = "-created_at"
    q: Words = ""
    status: list[CampaignStatus] = Field(default_factory=list, max_length=4)


class CampaignId(Command):
    """Which campaign."""

    campaign_id: UUID


class SendsWanted(SortedPaging):
    """Which messages of a campaign, and which page of them."""

    sort: Sort = "due_at"
    q: Words = ""
    status: list[SendStatus] = Field(default_factory=list, max_length=6)


class ListSends(CampaignId):
    """Which messages of which campaign."""

    wanted: SendsWanted


class SendId(CampaignId):
    """Which message of which campaign."""

    send_id: UUID


class ProposeSplit(Command):
    """Asks how to divide a budget in proportion to weights, exact to the cent."""

    budget: Amount
    weights: list[Amount] = Field(min_length=1, max_length=20)


class SplitView(View):
    """The shares in the order of the weights; they add up to the budget."""

    shares: list[MoneyView]


class RenewWebhookKey(Command):
    """Asks for another key; the one before signs nothing more."""


class WebhookKeyView(View):
    """The key that signs the organisation's webhooks, shown when it is made and never again."""

    key: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class PlannedView(View):
    """One message: to whom, through which channel, when, and how it begins."""

    user_id: UUID
    name: str
    email: str
    channel: ChannelKind
    at: Moment
    subject: str
    text: str
    payload: dict[str, Any] | None


class LeftOutView(View):
    """Somebody of the audience who gets nothing through this channel, and why."""

    user_id: UUID
    name: str
    email: str
    channel: ChannelKind
    reason: str
    detail: str


class PlanView(View):
    """What a launch would do; `shown` ones are listed."""

    timezone: str
    starts_at: Moment
    ends_at: Moment
    people: int
    send_count: int
    left_out_count: int
    first_at: Moment | None
    last_at: Moment | None
    sends: list[PlannedView]
    left_out: list[LeftOutView]


class ChannelView(View):
    """A channel of a campaign as it was launched."""

    kind: ChannelKind
    budget: MoneyView
    subject: str
    text: str
    url: str
    payload: dict[str, Any] | None
    tracks_clicks: bool


class CampaignCounts(View):
    """How many messages are in which state."""

    pending: int
    running: int
    sent: int
    failed: int
    skipped: int
    cancelled: int
    clicked: int


class CampaignView(View):
    """A campaign and how far it is."""

    id: UUID
    draft_id: UUID
    name: str
    goal: str
    status: CampaignStatus
    audience: dict[str, Any]
    schedule: dict[str, Any]
    budget: MoneyView
    channels: list[ChannelView]
    counts: CampaignCounts
    next_at: Moment | None
    starts_at: Moment
    ends_at: Moment
    launched_by: UUID | None
    created_at: Moment
    updated_at: Moment
    ended_at: Moment | None


class CampaignPage(CountedPage[CampaignView]):
    """Some of the campaigns."""


class SendView(View):
    """One message and how it ended; `reason` is a code, `detail` the same in words."""

    id: UUID
    user_id: UUID
    name: str
    email: str
    channel: ChannelKind
    status: SendStatus
    due_at: Moment
    attempts: int
    reason: str | None
    detail: str
    sent_at: Moment | None
    clicked_at: Moment | None


class SendPage(CountedPage[SendView]):
    """Some messages of a campaign."""


class CancelledView(View):
    """The campaign, and how many messages will now never go."""

    campaign: CampaignView
    stopped: int
