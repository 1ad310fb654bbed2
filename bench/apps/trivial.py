"""The trivial read: one row of `tenants`, by a statement that the gateway's route and the bare one share."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import select

from bizosaas_app.gateway.contracts.base import View
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from models import Tenant


class TenantView(View):
    """The tenant's own row."""

    id: UUID
    slug: str
    name: str


async def read(actor: Actor) -> TenantView:
    """Give the actor's own tenant, in a transaction with the signed tenant context."""
    async with unit_of_work(actor) as session:
        row = (await session.exec(select(Tenant).where(Tenant.id == actor.tenant_id))).one()
    return TenantView(id=row.id, slug=row.slug, name=row.name)
