"""What an administrator sees first: members, activity by day, and who did what lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import true
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.overview.ledger_view import live_events
from models import AuditEntry, GamificationEvent, Leaderboard, Membership, Tenant, User

ACTIVE_DAYS: Final = 30
"""A member with an event within so many days is active."""


@dataclass(frozen=True, slots=True)
class TenantFigures:
    """A tenant's figures; `participation` is the share of members that were active, from 0 to 1."""

    members: int
    active_members: int
    events_this_week: int
    events_last_week: int
    points_this_week: Decimal
    points_last_week: Decimal
    boards: int

    @property
    def participation(self) -> float:
        """Share of the members that were active, from 0 to 1."""
        return self.active_members / self.members if self.members else 0.0


@dataclass(frozen=True, slots=True)
class DayCount:
    """A day in the tenant's time zone: its events, and how many members had any."""

    day: date
    events: int
    members: int


@dataclass(frozen=True, slots=True)
class NewMember:
    """One of the latest members."""

    id: UUID
    name: str
    email: str
    role: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit log with the name of who acted, empty for the system."""

    id: UUID
    at: datetime
    action: str
    subject: str
    outcome: str
    actor_name: str


async def count_figures(session: AsyncSession, *, now: datetime) -> TenantFigures:
    """Count the tenant's figures."""
    week = timedelta(days=7)
    active = live_events(select(func.count(func.distinct(GamificationEvent.user_id)))).where(
        col(GamificationEvent.occurred_at) >= now - timedelta(days=ACTIVE_DAYS)
    )
    this_week = await _totals(session, now - week)
    last_week = await _totals(session, now - 2 * week, now - week)
    return TenantFigures(
        members=(await session.exec(select(func.count()).select_from(User).where(User.status == "active"))).one(),
        active_members=(await session.exec(active)).one(),
        events_this_week=this_week[0],
        events_last_week=last_week[0],
        points_this_week=this_week[1],
        points_last_week=last_week[1],
        boards=(
            await session.exec(select(func.count()).select_from(Leaderboard).where(Leaderboard.status == "active"))
        ).one(),
    )


async def count_days(session: AsyncSession, *, now: datetime, days: int = 30) -> list[DayCount]:
    """Count the events of each of the last `days` days; a day without events counts zero."""
    zone = (await session.exec(select(Tenant.timezone))).one()
    local_day = func.date(func.timezone(zone, col(GamificationEvent.occurred_at)))
    today = (await session.exec(select(func.date(func.timezone(zone, now))))).one()
    first = today - timedelta(days=days - 1)
    query = (
        live_events(select(local_day, func.count(), func.count(func.distinct(GamificationEvent.user_id))))
        .where(col(GamificationEvent.occurred_at) >= now - timedelta(days=days + 1))
        .group_by(local_day)
    )
    rows = (await session.exec(query)).all()
    counted = {day: DayCount(day, events, members) for day, events, members in rows}
    span = [first + timedelta(days=offset) for offset in range(days)]
    return [counted.get(day) or DayCount(day, 0, 0) for day in span]


async def list_newest(session: AsyncSession, *, limit: int = 6) -> list[NewMember]:
    """List the members who joined last."""
    query = (
        select(User, Membership.role_key)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .order_by(col(User.created_at).desc(), col(User.id).desc())
        .limit(limit)
    )
    rows = (await session.exec(query)).all()
    return [NewMember(user.id, user.name, user.email, role, user.status, user.created_at) for user, role in rows]


async def list_acts(session: AsyncSession, *, limit: int = 8) -> list[Act]:
    """List the latest lines of the audit log, newest first."""
    query = (
        select(AuditEntry, User.name)
        .join(User, col(User.id) == col(AuditEntry.actor_user_id), isouter=True)
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .limit(limit)
    )
    rows = (await session.exec(query)).all()
    return [Act(row.id, row.at, row.action, row.subject, row.outcome, name or "") for row, name in rows]


async def _totals(session: AsyncSession, since: datetime, until: datetime | None = None) -> tuple[int, Decimal]:
    """Count the events of a period and sum their values."""
    query = live_events(select(func.count(), func.coalesce(func.sum(GamificationEvent.value), 0))).where(
        col(GamificationEvent.occurred_at) >= since,
        # The present period is open: senders' clocks run a little ahead of ours.
        col(GamificationEvent.occurred_at) < until if until else true(),
    )
    events, points = (await session.exec(query)).one()
    return events, points or Decimal(0)
