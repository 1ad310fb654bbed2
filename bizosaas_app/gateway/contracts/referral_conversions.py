"""Conversions: what is told, and what becomes of it."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words
from bizosaas_app.gateway.contracts.events import Reason
from bizosaas_app.gateway.contracts.money import MoneyView, Order
from bizosaas_app.gateway.contracts.referrals import CodeText, Fingerprint, NetworkAddress
from bizosaas_app.gateway.contracts.spans import Span
from bizosaas_app.gateway.contracts.text import Line

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

Status = Literal["approved", "pending_review", "rejected", "reversed"]
Decision = Literal["allow", "review", "block"]


def _referred(value: str) -> str:
    """Pass every address that a shop may have taken, reserved domains included: nothing is sent to it."""
    text = value.strip().lower()
    if _EMAIL.fullmatch(text) is None:
        raise ValueError("Not a valid e-mail address")
    return text


class TrackConversion(Command):
    """A conversion as the tenant's own system tells it; `external_id` is its own, and makes a replay harmless."""

    external_id: Annotated[Line, Field(min_length=1, max_length=200)]
    code: CodeText
    click_id: Annotated[Line, Field(min_length=1, max_length=128)] | None = None
    clicked_at: Moment | None = None
    referred_email: Annotated[Line, Field(max_length=254), AfterValidator(_referred)]
    ip_address: NetworkAddress
    user_agent: Annotated[Line, Field(max_length=1024)]
    device_fingerprint: Fingerprint | None = None
    payment_fingerprint: Fingerprint | None = None
    order_value: Order
    occurred_at: Moment | None = None


class ReasonView(View):
    """A signal that fired, the points it brought, and what it saw."""

    code: str
    weight: float
    detail: str


class FraudView(View):
    """The verdict: 0 is harmless, 100 certain fraud."""

    score: int
    decision: Decision
    reasons: list[ReasonView]
    model_version: str


class RewardView(View):
    """What the conversion earns its referrer; `reason` says why an approved one earns nothing."""

    tier: str | None
    kind: str
    value: MoneyView
    status: str
    hold_until: Moment | None
    reason: str | None


class ReceiptView(View):
    """The answer to a conversion, and to each replay of it; `event_id` is its fact in the ledger."""

    id: UUID
    external_id: str
    status: Status
    fraud: FraudView
    reward: RewardView
    event_id: UUID | None
    is_new: bool = Field(exclude=True)


class ConversionQuery(SortedPaging, Span):
    """Which conversions, by when they occurred. `q` is looked for in the referred address and in `external_id`.

    `decision`, `q` and a `sort` by `fraud_score` are for who runs the programmes: they would tell others the verdict.
    With `as_referrer` one is given one's own, as any referrer is, also where one runs the programmes.
    """

    sort: Sort = "-created_at"
    q: Words = ""
    status: Status | None = None
    decision: Decision | None = None
    program_id: UUID | None = None
    user_id: UUID | None = None
    as_referrer: bool = False


class ReadConversion(Command):
    """Which conversion."""

    conversion_id: UUID


class ConversionView(View):
    """A conversion as it is now. To its referrer the address is masked, and the verdict is not shown.

    `refusal` says why an honest one does not count: `attribution_expired` or `below_minimum_order`.
    """

    id: UUID
    external_id: str
    program_id: UUID
    code_id: UUID
    user_id: UUID
    referrer_name: str
    referred_email: str
    order_value: MoneyView
    status: Status
    fraud: FraudView | None
    reward: RewardView
    event_id: UUID | None
    click_id: str | None
    clicked_at: Moment | None
    occurred_at: Moment
    created_at: Moment
    reviewed_by: UUID | None
    reviewed_at: Moment | None
    review_note: str | None
    reversed_at: Moment | None
    refusal: Literal["attribution_expired", "below_minimum_order"] | None


class ConversionPage(CountedPage[ConversionView]):
    """Some of the conversions, the latest told first if no other order is asked for."""


class Review(Command):
    """A person's decision, with the words for whoever asks later."""

    decision: Literal["approve", "reject"]
    note: Reason | None = None


class ReviewConversion(Review):
    """Which conversion is decided how."""

    conversion_id: UUID


class ReverseConversion(Command):
    """Which conversion is undone, and why."""

    conversion_id: UUID
    reason: Reason
