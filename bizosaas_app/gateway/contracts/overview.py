"""Views of the home pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from bizosaas_app.gateway.contracts.base import Command, Moment, View


class ReadOverview(Command):
    """Ask for a home page's figures."""


class FrameView(View):
    """What the frame around every page shows beside the person."""

    tenant_name: str
    unread_notifications: int
    member_since: Moment


class ActivityView(View):
    """One event of the member."""

    event_id: UUID
    type: str
    value: Decimal | None
    occurred_at: Moment


class MemberOverview(View):
    """A member's figures and latest activity."""

    points_this_month: Decimal
    points_last_month: Decimal
    referrals_approved: int
    rewards_payable: Decimal
    currency: str
    points_by_day: list[Decimal]
    activity: list[ActivityView]


class DayView(View):
    """One day's events and the members that had any."""

    day: date
    events: int
    members: int


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


class TenantOverview(View):
    """A tenant's figures, its activity by day, the latest members and acts."""

    members: int
    active_members: int
    participation: float
    events_this_week: int
    events_last_week: int
    points_this_week: Decimal
    points_last_week: Decimal
    boards: int
    days: list[DayView]
    newest: list[NewMemberView]
    acts: list[ActView]


class TenantLineView(View):
    """One customer with its size."""

    id: UUID
    slug: str
    name: str
    status: str
    created_at: Moment
    members: int
    active_sessions: int
    events_7d: int


class PlatformOverview(View):
    """Every customer of the platform."""

    tenants: list[TenantLineView]
