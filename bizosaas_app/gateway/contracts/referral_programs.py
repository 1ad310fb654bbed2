"""Referral programmes: what is set and shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words, YesNo
from bizosaas_app.gateway.contracts.money import Amount, Currency
from bizosaas_app.gateway.contracts.text import Line, Name

Platform = Literal["bizosaas", "bizoholic", "coreldove", "bizosaas-admin"]
Status = Literal["draft", "active", "paused", "archived"]
Model = Literal["last_click", "first_click"]
RewardKind = Literal["cash", "credit", "points"]
Sides = Literal["single", "double"]
Address = Annotated[Line, Field(min_length=1, max_length=2048)]
EventType = Annotated[Line, Field(min_length=1, max_length=100, examples=["order.completed"])]
Days = Annotated[int, Field(ge=0, le=365)]
Threshold = Annotated[int, Field(ge=0, le=101)]


class TierTerms(Command):
    """From `threshold` approved conversions on, each earns `reward`, and the member it brought `referred_reward`."""

    key: Annotated[Line, Field(min_length=1, max_length=32)]
    name: Name
    threshold: int = Field(ge=0, le=1_000_000)
    reward: Amount
    referred_reward: Amount = Decimal(0)


class ProgramTerms(Command):
    """What can be changed of a programme; amounts are in its currency, or points."""

    name: Name
    platform: Platform = "bizosaas"
    status: Status = "active"
    is_default: YesNo = False
    landing_url: Address
    attribution_window_days: int = Field(90, ge=1, le=365)
    attribution_model: Model = "last_click"
    qualifying_event: EventType = "order.completed"
    tiers: list[TierTerms] = Field(default_factory=list, max_length=20)
    reward_kind: RewardKind = "credit"
    reward_sides: Sides = "single"
    currency: Currency | None = None
    hold_days: Days = 14
    min_payout: Amount = Decimal(0)
    spend_cap: Amount | None = None
    minimum_order: Amount | None = None
    points_per_approval: Amount = Decimal(100)
    is_fraud_checked: YesNo = True
    review_threshold: Threshold = 40
    block_threshold: Threshold = 80


class CreateProgram(ProgramTerms):
    """A new programme; without a currency, in the tenant's."""


class ProgramChanges(ProgramTerms):
    """What is to be different; what is left out stays."""

    name: Name = ""
    landing_url: Address = ""


class ChangeProgram(Command):
    """Which programme becomes how."""

    program_id: UUID
    changes: ProgramChanges


class ReadProgram(Command):
    """Which programme."""

    program_id: UUID


class ListPrograms(SortedPaging):
    """Which programmes, and which page of them: `q` is looked for in the name."""

    sort: Sort = "created_at"
    q: Words = ""
    status: Status | None = None


class TierView(View):
    """A tier, with its amounts as decimal text."""

    key: str
    name: str
    threshold: int
    reward: str
    referred_reward: str


class ProgramView(View):
    """A programme; amounts are decimal text in its currency, or points."""

    id: UUID
    name: str
    platform: str
    status: str
    is_default: bool
    landing_url: str
    attribution_window_days: int
    attribution_model: str
    qualifying_event: str
    tiers: list[TierView]
    reward_kind: str
    reward_sides: str
    currency: str
    hold_days: int
    min_payout: str
    spend_cap: str | None
    minimum_order: str | None
    points_per_approval: str
    is_fraud_checked: bool
    review_threshold: int
    block_threshold: int
    created_at: Moment
    updated_at: Moment
    archived_at: Moment | None


class ProgramPage(CountedPage[ProgramView]):
    """Some of the programmes."""
