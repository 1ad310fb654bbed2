"""The admin dashboard's home page."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import reflex as rx

from bizosaas_app.gateway import overview
from bizosaas_app.gateway.contracts.overview import ActView, NewMemberView, ReadOverview, TenantOverview
from bizosaas_app.kernel.permissions import ROLE_NAMES
from state import acts, words
from state.area import AreaState
from state.policy import policy
from state.rows import MemberRow, StatRow, TimelineRow, TrendRow
from state.session import SessionState

MEMBER_STATUS: Final = {
    "active": ("Active", "good"),
    "invited": ("Invited", "info"),
    "suspended": ("Suspended", "bad"),
}


class AdminHomeState(AreaState, SessionState):
    """The tenant's figures, its activity by day, the newest members and the latest acts."""

    purpose: str = "What your organisation did lately, and who took part."
    stats: list[StatRow] = []
    trend: list[TrendRow] = []
    trend_period: str = ""
    trend_summary: str = ""
    members: list[MemberRow] = []
    audit: list[TimelineRow] = []

    @rx.event
    @policy("access_admin", page_load=True)
    async def load(self) -> None:
        """Read the tenant's overview."""
        async with self._showing():
            view = await overview.read_tenant(await self._actor(), ReadOverview())
            self.stats = _stats(view)
            self.trend = [
                TrendRow(day=str(day.day), label=f"{day.day:%-d %b}", events=day.events, members=day.members)
                for day in view.days
            ]
            self.trend_period = f"The last {len(view.days)} days, today so far"
            self.trend_summary = _summary(view)
            self.members = [_member_row(member) for member in view.newest]
            self.audit = [_act_row(act) for act in view.acts]
            self._succeed(is_empty=not view.members)


def _stats(view: TenantOverview) -> list[StatRow]:
    events, events_direction = words.change(
        Decimal(view.events_this_week), Decimal(view.events_last_week), "the week before"
    )
    points, points_direction = words.change(view.points_this_week, view.points_last_week, "the week before")
    daily = [float(day.events) for day in view.days[-14:]]
    return [
        words.stat("Members", words.number(view.members), change=words.counted(view.boards, "board", "boards")),
        words.stat(
            "Active in 30 days",
            words.number(view.active_members),
            unit=f"of {words.number(view.members)}",
            change=f"{view.participation:.0%} take part",
            series=[float(day.members) for day in view.days[-14:]],
        ),
        words.stat(
            "Events, 7 days",
            words.number(view.events_this_week),
            change=events,
            direction=events_direction,
            series=daily,
        ),
        words.stat("Points, 7 days", words.number(view.points_this_week), change=points, direction=points_direction),
    ]


def _summary(view: TenantOverview) -> str:
    total = sum(day.events for day in view.days)
    busiest = max(view.days, key=lambda day: day.events)
    if not total:
        return "There were no events in this period."
    when = f"{busiest.day:%-d %B}"
    return (
        f"{words.number(total)} events in {len(view.days)} days; "
        f"the busiest day was {when} with {words.number(busiest.events)}."
    )


def _member_row(member: NewMemberView) -> MemberRow:
    label, tone = MEMBER_STATUS[member.status]
    return MemberRow(
        id=str(member.id),
        name=member.name,
        email=member.email,
        initials=words.initials(member.name),
        role_label=ROLE_NAMES.get(member.role, member.role),
        status_label=label,
        tone=tone,
        joined_at=words.moment(member.created_at),
    )


def _act_row(act: ActView) -> TimelineRow:
    phrase = acts.describe(act.action, act.outcome)
    return TimelineRow(
        key=str(act.id),
        kind=phrase.kind,
        tone=phrase.tone,
        title=phrase.title,
        detail=act.actor_name or "The system",
        at=words.moment(act.at),
        amount="",
    )
