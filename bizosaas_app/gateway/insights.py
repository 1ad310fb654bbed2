"""Reading the ledger for those who analyse it: by kind of event, by member, by cohort. Nothing here changes it."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from bizosaas_app.gateway.board_views import PUBLIC, pseudonym_of
from bizosaas_app.gateway.contracts.insights import (
    CohortsView,
    CohortView,
    DaysView,
    MembersView,
    MemberView,
    ReadDays,
    ReadMembers,
    TypeDayView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import reading_unit
from bizosaas_app.services.analytics import insights
from bizosaas_app.services.analytics.insights import MemberActivity


@operation("insights.days", permission="view_analytics")
async def read_days(actor: Actor, command: ReadDays) -> DaysView:
    """Give the tenant's events by day and kind."""
    return await _days(actor, command, None)


@operation("insights.own_days", permission="access_portal")
async def read_own_days(actor: Actor, command: ReadDays) -> DaysView:
    """Give the signed-in member's own events by day and kind."""
    return await _days(actor, command, actor.member_id())


@operation("insights.members", permission="view_analytics")
async def read_members(actor: Actor, command: ReadMembers) -> MembersView:
    """Give what each member did."""
    async with reading_unit(actor) as session:
        span = await insights.choose_days(session, actor, command.days, utc_now())
        rows = await insights.list_members(session, actor, span, command.type)
    return MembersView(first=span.first, last=span.last, rows=[_member(actor, row) for row in rows])


@operation("insights.cohorts", permission="view_analytics")
async def read_cohorts(actor: Actor, command: ReadDays) -> CohortsView:
    """Give how many members of each week's beginners came back in later weeks."""
    async with reading_unit(actor) as session:
        span = await insights.choose_days(session, actor, command.days, utc_now())
        rows = await insights.list_cohorts(session, actor, span)
    return CohortsView(first=span.first, last=span.last, rows=[CohortView(**asdict(row)) for row in rows])


async def _days(actor: Actor, command: ReadDays, member: UUID | None) -> DaysView:
    async with reading_unit(actor) as session:
        span = await insights.choose_days(session, actor, command.days, utc_now())
        rows = await insights.list_type_days(session, actor, span, member)
    return DaysView(first=span.first, last=span.last, rows=[TypeDayView(**asdict(row)) for row in rows])


def _member(actor: Actor, row: MemberActivity) -> MemberView:
    name = row.person.name if row.person.privacy == PUBLIC else pseudonym_of(actor.tenant_id, row.user_id)
    return MemberView(
        name=name,
        first_day=row.first_day,
        last_day=row.last_day,
        active_days=row.active_days,
        events=row.events,
        value=row.value,
        late_events=row.late_events,
    )
