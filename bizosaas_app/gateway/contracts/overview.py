"""Views of the home pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal
from uuid import UUID

from bizosaas_app.gateway.contracts.analytics import AnalyticsView, Day
from bizosaas_app.gateway.contracts.base import Command, Moment, View
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.tenants import AccentView

Period = Literal["7d", "30d", "90d", "month", "last-month", "own"]


class ReadOverview(Command):
    """Ask for a home page's figures."""


class FrameView(View):
    """What the frame around every page shows beside the person."""

    tenant_name: str
    accent: AccentView | None
    unread_notifications: int
    member_since: Moment


class ActivityView(View):
    """One event of the member; `subject` names what it is about, if that has a name."""

    event_id: UUID
    type: str
    value: Decimal | None
    occurred_at: Moment
    subject: str = ""


class MemberOverview(View):
    """A member's figures and latest activity; `rewards_payable` in each currency that there is something in."""

    points_this_month: Decimal
    points_last_month: Decimal
    referrals_approved: int
    rewards_payable: list[MoneyView]
    currency: str
    points_by_day: list[Decimal]
    activity: list[ActivityView]


class ActView(View):
    """One line of the audit log."""

    id: UUID
    at: Moment
    action: str
    subject: str
    outcome: str
    actor_name: str


class NewMemberView(View):
    """One of the latest members."""

    id: UUID
    name: str
    email: str
    role: str
    status: str
    created_at: Moment


class ReadFigures(Command):
    """Ask for the figures of a period; `own` is from `first` to `last`."""

    period: Period = "30d"
    first: Day | None = None
    last: Day | None = None


class FunnelCounts(View):
    """How far referrals came in a period."""

    clicks: int
    sign_ups: int
    conversions: int
    approved: int
    rewarded: int


class FiguresView(View):
    """A tenant's success metrics of a period, with those of the period before it."""

    now: AnalyticsView
    before: AnalyticsView
    funnel: FunnelCounts


class NeedsView(View):
    """How much of each kind waits for a person; jobs are those that failed within a week."""

    conversions: int
    proposals: int
    unlocks: int
    jobs: int
    invitations: int


class FailedJobView(View):
    """A job that failed, and why."""

    id: UUID
    title: str
    failure: str
    failed_at: Moment


class FailedJobsView(View):
    """The latest of the jobs that failed within a week; `total` counts all of them, as `NeedsView.jobs` does."""

    items: list[FailedJobView]
    total: int


class TenantOverview(View):
    """The latest members and the latest acts."""

    newest: list[NewMemberView]
    acts: list[ActView]
