"""The review desk: the queue of conversions, and one case with all that bears on its decision."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_conversions import FraudView, RewardView, Status

Shown = Literal["waiting", "decided", "blocked"]
ThingKind = Literal["device", "payment", "inbox", "cookie", "address"]
PartyRole = Literal["referrer", "referred", "account", "member"]
Step = Literal["clicked", "joined", "ordered", "judged", "reviewed", "reversed", "released"]


class ListQueue(SortedPaging):
    """Which conversions: those that wait, that a person decided, or that the engine rejected by itself.

    `q` is looked for in the names and addresses of both people. Sorted by `created_at`, `score`, `order_value` or
    `decided_at`.
    """

    sort: Sort = "created_at"
    shown: Shown = "waiting"
    q: Words = ""


class ReadCase(Command):
    """Which conversion's case."""

    conversion_id: UUID


class ReadFigures(Command):
    """What waits, and what was decided lately."""


class PersonView(View):
    """A member who has to do with a case."""

    id: UUID
    name: str
    email: str
    joined_at: Moment


class QueueItemView(View):
    """A conversion in the queue; `reviewed_by` is the name of who decided it.

    The thresholds are those that it was judged by, and nothing where it was not judged; `leans_to_fraud` says that the
    score reaches the middle between them.
    """

    id: UUID
    score: int
    review_threshold: int | None
    block_threshold: int | None
    leans_to_fraud: bool
    status: Status
    referrer: str
    referred_email: str
    order_value: MoneyView
    created_at: Moment
    reviewed_at: Moment | None
    reviewed_by: str | None


class QueuePage(CountedPage[QueueItemView]):
    """Some of the queue."""


class FiguresView(View):
    """How many wait, how many decisions people made in the last seven days, and whose days the desk's texts name."""

    waiting: int
    decided_7d: int
    timezone: str


class PartyView(View):
    """Somebody in the drawing; `by` is the referrer of an account that another member brought."""

    key: str
    role: PartyRole
    label: str
    by: str | None


class ThingView(View):
    """One thing of the case by its kind, never its value: the keys of all seen with it, and how people judged them."""

    kind: ThingKind
    parties: list[str]
    accounts: int
    rejected: int
    approved: int


class ConnectionsView(View):
    """Who shares what with whom; `more` people are counted and not named."""

    parties: list[PartyView]
    things: list[ThingView]
    more: int


class OtherView(View):
    """Another conversion of one of the two; `referrer` is told where it may be somebody else."""

    id: UUID
    referred_email: str
    referrer: str
    status: Status
    order_value: MoneyView
    occurred_at: Moment


class HistoryView(View):
    """The other conversions of one of the two: counts by status, and the latest."""

    approved: int
    waiting: int
    rejected: int
    reversed: int
    latest: list[OtherView]


class StepView(View):
    """A moment on the way from the click to the end."""

    step: Step
    at: Moment
    repeats: int


class ForecastView(View):
    """What an approval would earn; `obstacle` says why nothing."""

    kind: str
    value: MoneyView
    available_at: Moment | None
    obstacle: str | None


class CaseView(View):
    """A conversion with all that bears on the decision about it; thresholds are those that it was judged by."""

    id: UUID
    external_id: str
    program: str
    status: Status
    is_decidable: bool
    fraud: FraudView
    review_threshold: int
    block_threshold: int
    leans_to_fraud: bool
    order_value: MoneyView
    referred_email: str
    referrer: PersonView
    referred: PersonView | None
    occurred_at: Moment
    created_at: Moment
    connections: ConnectionsView
    referrer_history: HistoryView
    referred_history: HistoryView
    steps: list[StepView]
    forecast: ForecastView | None
    reward: RewardView
    reviewed_by: PersonView | None
    reviewed_at: Moment | None
    review_note: str | None
    reversed_at: Moment | None
