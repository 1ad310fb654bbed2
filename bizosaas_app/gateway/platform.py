"""The platform's own operations: its customers as counts, making one, and closing its doors.

Whoever runs the platform acts in the operator's tenant and reads no row of a customer; what is written in a customer's
tenant is written by the system, and in the operator's audit log it stands who asked for it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import consoles, cursors, health_history
from bizosaas_app.gateway.contracts.platform import (
    BacklogView,
    ChangeTenant,
    ConsolesView,
    CreateTenant,
    DepartureView,
    FailedTaskView,
    HealthView,
    ListTenants,
    ReadPlatform,
    TenantLineView,
    TenantMade,
    TenantPage,
    TotalsView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import directory
from bizosaas_app.services.departures import leaving
from bizosaas_app.services.departures.leaving import Departure
from bizosaas_app.services.jobs import backlog
from bizosaas_app.services.tenants import listing, opening, records, usage
from bizosaas_app.services.tenants.listing import TenantLine
from bizosaas_app.services.tenants.opening import Opening

RUN: Final = "access_platform"


@operation("platform.tenants", permission=RUN)
async def list_tenants(actor: Actor, command: ListTenants) -> TenantPage:
    """Give one page of the customers, each with its size and what its agents cost."""
    async with resources().database.platform(actor) as session:
        sheet = await listing.read_sheet(
            session, words=command.q.strip(), status=command.status, asked=cursors.asked(command)
        )
        departures = {item.tenant_id: item for item in await leaving.list_all(session)}
    return TenantPage(
        items=[await _with_usage(line, departures.get(line.id)) for line in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("platform.totals", permission=RUN)
async def read_totals(actor: Actor, command: ReadPlatform) -> TotalsView:  # noqa: ARG001  # no parameters
    """Count all customers together."""
    async with resources().database.platform(actor) as session:
        return TotalsView(**asdict(await listing.count(session)))


@operation("platform.backlog", permission=RUN)
async def read_backlog(actor: Actor, command: ReadPlatform) -> BacklogView:  # noqa: ARG001  # no parameters
    """Count what waits in the queue, and what has failed in it for good."""
    async with resources().database.platform(actor) as session:
        found = await backlog.read(session)
    failed = [FailedTaskView(**asdict(item)) for item in found.failed]
    return BacklogView(waiting=found.waiting, running=found.running, failed=failed)


@operation("platform.health", permission=RUN)
async def read_health(actor: Actor, command: ReadPlatform) -> HealthView:  # noqa: ARG001  # no parameters
    """Ask every engine how it is, and give the looks before it as well."""
    await health_history.look_if_due()
    return HealthView(checks=health_history.latest())


@operation("platform.consoles", permission=RUN)
async def read_consoles(actor: Actor, command: ReadPlatform) -> ConsolesView:  # noqa: ARG001  # no parameters
    """Say which further consoles there are."""
    return ConsolesView(database=consoles.database_of(resources().settings))


@operation("platform.create_tenant", permission=RUN)
async def create_tenant(actor: Actor, command: CreateTenant) -> TenantMade:
    """Make a customer with everything that one begins with, and invite its first administrator.

    Raises `SlugTaken`, or `InputInvalid` by field.
    """
    slug = command.slug or opening.slug_of(command.name)
    await _check_address(command.admin_email)
    settled = Opening(
        name=command.name,
        slug=slug,
        admin_email=command.admin_email,
        timezone=command.timezone,
        currency=command.currency,
        industry=command.industry or None,
    )
    system = Actor.system(new_id(), request_id=actor.request_id)
    async with unit_of_work(system) as session:
        row = await opening.open_tenant(
            session, system, settled, landing_url=resources().settings.public_url, now=utc_now()
        )
        await _note(session, actor, "platform.tenant_created", row.id, slug)
    return TenantMade(id=row.id, slug=row.slug, name=row.name)


@operation("platform.change_tenant", permission=RUN)
async def change_tenant(actor: Actor, command: ChangeTenant) -> TenantLineView:
    """Suspend a customer or let it in again, in force everywhere at the next request.

    Raises `NotFound` (also for the operator itself), `Leaving`, or `InputInvalid` for `confirm`.
    """
    line = await find_line(actor, command.tenant_id)
    if command.status == "suspended" and command.confirm.strip() != line.slug:
        raise InputInvalid({"confirm": f"Type {line.slug} to confirm"})
    system = Actor.system(line.id, request_id=actor.request_id)
    async with unit_of_work(system) as session:
        if command.status == "active":
            await leaving.refuse_if_leaving(session)
        has_changed = await records.change_status(session, system, status=command.status, now=utc_now())
        if has_changed:
            act = "platform.tenant_suspended" if command.status == "suspended" else "platform.tenant_reopened"
            await _note(session, actor, act, line.id, line.slug)
    return await read_line(actor, command.tenant_id)


async def read_line(actor: Actor, tenant_id: UUID) -> TenantLineView:
    """Give one customer as the list shows it; raises `NotFound`."""
    return await _with_usage(await find_line(actor, tenant_id), await _find_departure(actor, tenant_id))


async def find_line(actor: Actor, tenant_id: UUID) -> TenantLine:
    """Give one customer's size; raises `NotFound`, also for the operator itself."""
    async with resources().database.platform(actor) as session:
        line = await listing.find(session, tenant_id)
    if line is None:
        raise NotFound("There is no such tenant")
    return line


async def _find_departure(actor: Actor, tenant_id: UUID) -> Departure | None:
    async with resources().database.platform(actor) as session:
        return await leaving.find(session, tenant_id)


async def _check_address(email: str) -> None:
    """Refuse an address that signs in elsewhere: its invitation could never be accepted, and nobody would run it."""
    async with resources().database.doors() as session:
        if await directory.find_login(session, email) is not None:
            raise InputInvalid({"admin_email": "This address belongs to an account already; use another one"})


async def _with_usage(line: TenantLine, departure: Departure | None) -> TenantLineView:
    async with unit_of_work(Actor.system(line.id)) as session:
        used = await usage.count(session, now=utc_now())
    return TenantLineView(
        **asdict(line),
        agent_runs=used.runs,
        agent_tokens=used.tokens,
        agent_cost_usd=used.cost_usd,
        failed_jobs=used.failed_jobs,
        departure=None if departure is None else DepartureView(**asdict(departure)),
    )


async def _note(session: AsyncSession, actor: Actor, act: str, tenant_id: UUID, slug: str) -> None:
    """End the customer's transaction with a line in the operator's own audit log: the act never stands without it."""
    await resources().database.hand_over(session, actor)
    await audit.record(session, actor, action=act, subject=f"tenant:{tenant_id}", detail={"slug": slug})
