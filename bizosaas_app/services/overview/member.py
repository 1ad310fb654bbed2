"""What a member sees first: points, referrals, rewards and recent activity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import true
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.referrals import accounts
from bizosaas_app.services.overview import subjects
from bizosaas_app.services.overview.ledger_view import live_events
from models import GamificationEvent, Tenant

SPARK_DAYS: Final = 14
"""Days of the small chart beside the points."""


@dataclass(frozen=True, slots=True)
class MemberFigures:
    """One member's figures; `rewards_payable` is by currency, as their accounts are kept; `currency` the tenant's own.

    `points_last_month` counts as much of the last month as has passed of this one, so that the two compare.
    """

    points_this_month: Decimal
    points_last_month: Decimal
    referrals_approved: int
    rewards_payable: dict[str, Decimal]
    currency: str
    points_by_day: list[Decimal]


@dataclass(frozen=True, slots=True)
class Activity:
    """One event of a member, as the timeline shows it; `subject` names what it is about, if it has a name."""

    event_id: UUID
    type: str
    value: Decimal | None
    occurred_at: datetime
    subject: str = ""


async def count_figures(session: AsyncSession, actor: Actor, *, now: datetime) -> MemberFigures:
    """Count the member's figures; months begin in the tenant's time zone."""
    tenant = (await session.exec(select(Tenant))).one()
    this_month = month_start(now, tenant.timezone)
    last_month = month_start(now, tenant.timezone, back=1)
    user_id = actor.member_id()
    same_moment = min(last_month + (now - this_month), this_month)
    approved = live_events(select(func.count()).select_from(GamificationEvent)).where(
        col(GamificationEvent.user_id) == user_id, col(GamificationEvent.type) == "referral.approved"
    )
    return MemberFigures(
        points_this_month=await _points(session, user_id, this_month),
        points_last_month=await _points(session, user_id, last_month, same_moment),
        referrals_approved=(await session.exec(approved)).one(),
        rewards_payable=await accounts.read_payable(session, user_id, now=now),
        currency=tenant.currency,
        points_by_day=await _points_by_day(session, user_id, tenant.timezone, now),
    )


async def list_activity(session: AsyncSession, actor: Actor, *, limit: int = 10) -> list[Activity]:
    """List the member's latest events that still count, newest first."""
    query = (
        live_events(select(GamificationEvent))
        .where(col(GamificationEvent.user_id) == actor.member_id())
        .order_by(col(GamificationEvent.occurred_at).desc())
        .limit(limit)
    )
    rows = (await session.exec(query)).all()
    about = await subjects.name(session, rows)
    return [Activity(row.event_id, row.type, row.value, row.occurred_at, about.get(row.event_id, "")) for row in rows]


def month_start(moment: datetime, timezone: str, *, back: int = 0) -> datetime:
    """Give the first instant of the month of `moment` in that time zone, or of one `back` months earlier."""
    local = moment.astimezone(ZoneInfo(timezone))
    months = local.year * 12 + local.month - 1 - back
    return local.replace(
        year=months // 12, month=months % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0, fold=0
    )


async def _points(session: AsyncSession, user_id: UUID, since: datetime, until: datetime | None = None) -> Decimal:
    query = live_events(select(func.coalesce(func.sum(GamificationEvent.value), 0))).where(
        col(GamificationEvent.user_id) == user_id,
        col(GamificationEvent.occurred_at) >= since,
        # The present period is open: senders' clocks run a little ahead of ours.
        col(GamificationEvent.occurred_at) < until if until else true(),
    )
    return (await session.exec(query)).one() or Decimal(0)


async def _points_by_day(session: AsyncSession, user_id: UUID, timezone: str, now: datetime) -> list[Decimal]:
    local_day = func.date(func.timezone(timezone, col(GamificationEvent.occurred_at)))
    query = (
        live_events(select(local_day, func.coalesce(func.sum(GamificationEvent.value), 0)))
        .where(
            col(GamificationEvent.user_id) == user_id,
            col(GamificationEvent.occurred_at) >= now - timedelta(days=SPARK_DAYS + 1),
        )
        .group_by(local_day)
    )
    earned: dict[date, Decimal] = {day: points or Decimal(0) for day, points in (await session.exec(query)).all()}
    today = now.astimezone(ZoneInfo(timezone)).date()
    span = [today - timedelta(days=back) for back in reversed(range(SPARK_DAYS))]
    return [earned.get(day, Decimal(0)) for day in span]
