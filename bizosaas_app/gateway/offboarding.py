"""Off-boarding a customer: everything of it is deleted once a time of grace is over, in which it may be taken back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import platform
from bizosaas_app.gateway.contracts.platform import (
    CancelOffboarding,
    DeparturesView,
    DepartureView,
    OffboardTenant,
    ReadPlatform,
    TenantLineView,
)
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.kernel.resources import resources
from bizosaas_app.services import audit
from bizosaas_app.services.departures import leaving
from bizosaas_app.services.tenants.listing import TenantLine

ERASE: Final = "erase_tenants"


@operation("platform.departures", permission=ERASE)
async def list_departures(actor: Actor, command: ReadPlatform) -> DeparturesView:  # noqa: ARG001  # no parameters
    """List the customers that leave or have left."""
    async with resources().database.platform(actor) as session:
        found = await leaving.list_all(session)
    items = [DepartureView(**asdict(item)) for item in found]
    return DeparturesView(items=items, grace_days=resources().settings.offboarding_grace_days)


@operation("platform.offboard_tenant", permission=ERASE)
async def offboard_tenant(actor: Actor, command: OffboardTenant) -> TenantLineView:
    """Have everything of a suspended customer deleted after the time of grace.

    Raises `NotFound`, `NotSuspended`, `Leaving`, or `InputInvalid` for `confirm`.
    """
    line = await platform.find_line(actor, command.tenant_id)
    if command.confirm.strip() != line.slug:
        raise InputInvalid({"confirm": f"Type {line.slug} to confirm"})
    grace = timedelta(days=resources().settings.offboarding_grace_days)
    async with resources().database.platform(actor) as session:
        erase_after = await leaving.begin(session, actor, line.id, grace=grace, now=utc_now())
        await _note(session, actor, "platform.tenant_offboarded", line, erase_after=erase_after.isoformat())
    return await platform.read_line(actor, line.id)


@operation("platform.cancel_offboarding", permission=ERASE)
async def cancel_offboarding(actor: Actor, command: CancelOffboarding) -> TenantLineView:
    """Keep a customer; it stays suspended. Raises `NotFound`, or `TooLate`."""
    line = await platform.find_line(actor, command.tenant_id)
    async with resources().database.platform(actor) as session:
        await leaving.cancel(session, line.id)
        await _note(session, actor, "platform.offboarding_cancelled", line)
    return await platform.read_line(actor, line.id)


async def _note(session: AsyncSession, actor: Actor, act: str, line: TenantLine, **more: str) -> None:
    """End the platform's transaction with a line in the operator's own audit log: the act never stands without it."""
    await resources().database.hand_over(session, actor)
    await audit.record(session, actor, action=act, subject=f"tenant:{line.id}", detail={"slug": line.slug, **more})
