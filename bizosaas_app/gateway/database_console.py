"""The database console's own operations: whose rows it shows, and the audit of what is done with them.

Whoever keeps the installation chooses one tenant and then works inside its context like anybody else there: row-level
security decides what can be seen, and the console has no connection of its own. What is written or taken away stands
in the tenant's audit log and in the operator's, in the transaction of the act itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.contracts.database_console import EnterPlace, ListPlaces, PlacesView, PlaceView
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.errors import NotFound
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit, sheets
from bizosaas_app.services.tenants import listing

OPEN: Final = "access_database"
_SHOWN: Final = 100
_NOTED_SECONDS: Final = 3600

SHARED: Final = PlaceView(tenant_id=None, slug="_shared", name="Shared tables")
"""The tables of no tenant. No tenant can have this short name: those have no underscore."""


@operation("sqladmin.places", permission=OPEN)
async def list_places(actor: Actor, command: ListPlaces) -> PlacesView:
    """Give the tenants whose rows can be looked at."""
    async with resources().database.platform(actor) as session:
        asked = sheets.Asked("name", _SHOWN)
        sheet = await listing.read_sheet(session, words=command.q.strip(), status=None, asked=asked)
    places = [PlaceView(tenant_id=line.id, slug=line.slug, name=line.name, status=line.status) for line in sheet.rows]
    return PlacesView(items=places, total=sheet.total)


@operation("sqladmin.enter", permission=OPEN)
async def enter(actor: Actor, command: EnterPlace) -> PlaceView:
    """Give the place that pages of the console are about; raises `NotFound` for a tenant that there is none of.

    That somebody looks at a customer's rows is written down, once an hour for each session.
    """
    if command.slug is None:
        return SHARED
    if command.slug == actor.tenant_slug:
        return PlaceView(tenant_id=actor.tenant_id, slug=actor.tenant_slug, name="The operator's own tenant")
    async with resources().database.platform(actor) as session:
        line = await listing.find_by_slug(session, command.slug)
    if line is None:
        raise NotFound("There is no such tenant")
    place = PlaceView(tenant_id=line.id, slug=line.slug, name=line.name, status=line.status)
    await _note_opening(actor, place)
    return place


async def _note_opening(actor: Actor, place: PlaceView) -> None:
    cache, key = resources().cache.client, Cache.key(actor.tenant_id, "sqladmin", actor.session_id, place.tenant_id)
    if await cache.exists(key):
        return
    async with unit_of_work(inside(actor, place)) as session:
        await note(session, actor, place, act="sqladmin.opened", subject=f"tenant:{place.tenant_id}", detail={})
    await cache.set(key, 1, ex=_NOTED_SECONDS)


def inside(actor: Actor, place: PlaceView) -> Actor:
    """Give the same person standing in the place: the tenant's rows, and nobody else's."""
    return replace(actor, tenant_id=place.tenant_id or actor.tenant_id)


async def note(
    session: AsyncSession, actor: Actor, place: PlaceView, *, act: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """End a transaction inside the place with its lines in the audit logs: the act never stands without them.

    `detail` names columns and counts, never values.
    """
    await audit.record(session, inside(actor, place), action=act, subject=subject, detail=detail)
    if place.tenant_id not in (None, actor.tenant_id):
        await resources().database.hand_over(session, actor)
        await audit.record(session, actor, action=act, subject=subject, detail={**detail, "tenant": place.slug})
