"""The home pages' operations."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from bizosaas_app.gateway import analytics_views
from bizosaas_app.gateway.accents import accent_of
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.overview import (
    ActivityView,
    ActView,
    FailedJobsView,
    FailedJobView,
    FiguresView,
    FrameView,
    FunnelCounts,
    MemberOverview,
    NeedsView,
    NewMemberView,
    ReadFigures,
    ReadOverview,
    TenantOverview,
)
from bizosaas_app.gateway.pipeline import SIGNED_IN, operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import reading_unit, unit_of_work
from bizosaas_app.services.analytics import success
from bizosaas_app.services.gamification.referrals import funnel, receipts, spans
from bizosaas_app.services.overview import failed_jobs, frame, member, needs, periods, tenant
from bizosaas_app.services.tenants import records

ANSWER_SECONDS: Final = 5
"""How old an answer of the administrators' overview may be."""


@operation("overview.frame", permission=SIGNED_IN)
async def read_frame(actor: Actor, command: ReadOverview) -> FrameView:  # noqa: ARG001  # no parameters
    """Give the tenant's name and brand, and how many notifications wait."""
    async with unit_of_work(actor) as session:
        found = await frame.read(session, actor)
    return FrameView(
        tenant_name=found.tenant_name,
        accent=None if found.accent is None else accent_of(found.accent),
        unread_notifications=found.unread_notifications,
        member_since=found.member_since,
    )


@operation("overview.member", permission="access_portal")
async def read_member(actor: Actor, command: ReadOverview) -> MemberOverview:  # noqa: ARG001  # no parameters
    """Give the signed-in member's figures and activity."""
    async with unit_of_work(actor) as session:
        figures = await member.count_figures(session, actor, now=utc_now())
        activity = await member.list_activity(session, actor)
    lines = [ActivityView(**asdict(item)) for item in activity]
    payable = [
        MoneyView.model_validate(receipts.amount(amount, code)) for code, amount in figures.rewards_payable.items()
    ]
    return MemberOverview(**{**asdict(figures), "rewards_payable": payable}, activity=lines)


@operation("overview.tenant", permission="view_analytics", cache_seconds=ANSWER_SECONDS, answer=TenantOverview)
async def read_tenant(actor: Actor, command: ReadOverview) -> TenantOverview:  # noqa: ARG001  # no parameters
    """Give who joined the tenant last, and what was done last."""
    async with unit_of_work(actor) as session:
        newest = await tenant.list_newest(session)
        acts = await tenant.list_acts(session)
    return TenantOverview(
        newest=[NewMemberView(**asdict(item)) for item in newest], acts=[ActView(**asdict(act)) for act in acts]
    )


@operation("overview.needs", permission="view_analytics", cache_seconds=ANSWER_SECONDS, answer=NeedsView)
async def read_needs(actor: Actor, command: ReadOverview) -> NeedsView:  # noqa: ARG001  # no parameters
    """Count what waits for an administrator's decision."""
    async with unit_of_work(actor) as session:
        return NeedsView(**asdict(await needs.count(session, now=utc_now())))


@operation("overview.failed_jobs", permission="view_analytics")
async def list_failed_jobs(actor: Actor, command: ReadOverview) -> FailedJobsView:  # noqa: ARG001  # no parameters
    """List the jobs that failed within a week, whoever asked for them: those that the overview counts."""
    async with unit_of_work(actor) as session:
        found = await failed_jobs.read(session, now=utc_now())
    items = [
        FailedJobView(id=run.id, title=run.title, failure=run.failure or "", failed_at=run.finished_at)
        for run in found.rows
        if run.finished_at
    ]
    return FailedJobsView(items=items, total=found.total)


@operation("overview.figures", permission="view_analytics", cache_seconds=ANSWER_SECONDS, answer=FiguresView)
async def read_figures(actor: Actor, command: ReadFigures) -> FiguresView:
    """Give the success metrics of a period and of the one before it; raises `InputInvalid` for `from` or `to`."""
    async with reading_unit(actor) as session:
        zone = (await records.get_tenant(session, actor.tenant_id)).timezone
        span, before = periods.choose(command.period, command.first, command.last, zone, utc_now())
        found = await success.measure(session, actor, span, None)
        earlier = await success.measure(session, actor, before, None)
        steps = await funnel.read(session, spans.Span(span.since, span.until))
    return FiguresView(
        now=analytics_views.view_of(found),
        before=analytics_views.view_of(earlier),
        funnel=FunnelCounts(**asdict(steps)),
    )
