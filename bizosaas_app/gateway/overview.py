"""The home pages' operations."""

from __future__ import annotations

from dataclasses import asdict

from bizosaas_app.gateway import health
from bizosaas_app.gateway.contracts.overview import (
    ActivityView,
    ActView,
    DayView,
    FrameView,
    MemberOverview,
    NewMemberView,
    PlatformOverview,
    ReadOverview,
    TenantLineView,
    TenantOverview,
)
from bizosaas_app.gateway.pipeline import SIGNED_IN, operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.overview import frame, member, platform, tenant


@operation("overview.frame", permission=SIGNED_IN)
async def read_frame(actor: Actor, command: ReadOverview) -> FrameView:  # noqa: ARG001  # no parameters
    """Give the tenant's name and how many notifications wait."""
    async with unit_of_work(actor) as session:
        return FrameView(**asdict(await frame.read(session, actor)))


@operation("overview.member", permission="access_portal")
async def read_member(actor: Actor, command: ReadOverview) -> MemberOverview:  # noqa: ARG001  # no parameters
    """Give the signed-in member's figures and activity."""
    async with unit_of_work(actor) as session:
        figures = await member.count_figures(session, actor, now=utc_now())
        activity = await member.list_activity(session, actor)
    lines = [ActivityView(**asdict(item)) for item in activity]
    return MemberOverview(**asdict(figures), activity=lines)


@operation("overview.tenant", permission="view_analytics", cache_seconds=5, answer=TenantOverview)
async def read_tenant(actor: Actor, command: ReadOverview) -> TenantOverview:  # noqa: ARG001  # no parameters
    """Give the tenant's figures, its activity by day and the latest acts."""
    now = utc_now()
    async with unit_of_work(actor) as session:
        figures = await tenant.count_figures(session, now=now)
        days = await tenant.count_days(session, now=now)
        newest = await tenant.list_newest(session)
        acts = await tenant.list_acts(session)
    return TenantOverview(
        **asdict(figures),
        participation=figures.participation,
        days=[DayView(**asdict(day)) for day in days],
        newest=[NewMemberView(**asdict(item)) for item in newest],
        acts=[ActView(**asdict(act)) for act in acts],
    )


@operation("overview.platform", permission="access_platform")
async def read_platform(actor: Actor, command: ReadOverview) -> PlatformOverview:  # noqa: ARG001  # no parameters
    """Give every customer with its size."""
    async with resources().database.platform(actor) as session:
        lines = await platform.list_tenants(session)
    return PlatformOverview(tenants=[TenantLineView(**asdict(line)) for line in lines])


@operation("overview.health", permission="access_platform")
async def read_health(actor: Actor, command: ReadOverview) -> health.Health:  # noqa: ARG001  # no parameters
    """Ask every engine how it is."""
    return await health.check()
