"""The names of the people on a board, when Valkey lacks them: asked for once, however many readers come."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import Final
from uuid import UUID

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.gamification import standings_fill
from bizosaas_app.services.gamification.people import Person

_askings: Final[dict[UUID, asyncio.Task[dict[UUID, Person]]]] = {}


async def names_of(tenant_id: UUID, user_ids: set[UUID]) -> dict[UUID, Person]:
    """Give the members' names; who comes meanwhile waits for that answer, not for a connection.

    Whom nobody knows is left out.
    """
    found: dict[UUID, Person] = {}
    while (missing := user_ids - found.keys()) and (asking := _under_way(tenant_id)) is not None:
        found |= await asyncio.shield(asking)
    return found | await asyncio.shield(_ask(tenant_id, missing)) if missing else found


def _under_way(tenant_id: UUID) -> asyncio.Task[dict[UUID, Person]] | None:
    """Give what is being asked. Waiting for an answer that is there already lets nobody else run: a loop for ever."""
    asking = _askings.get(tenant_id)
    return None if asking is None or asking.done() else asking


def _ask(tenant_id: UUID, user_ids: set[UUID]) -> asyncio.Task[dict[UUID, Person]]:
    def forget(asked: asyncio.Task[dict[UUID, Person]]) -> None:
        if _askings.get(tenant_id) is asked:
            del _askings[tenant_id]

    # A context of its own: the reader who happens to be first may stand inside a transaction or be cancelled.
    asking = asyncio.get_running_loop().create_task(_find(tenant_id, user_ids), context=Context())
    _askings[tenant_id] = asking
    asking.add_done_callback(forget)
    return asking


async def _find(tenant_id: UUID, user_ids: set[UUID]) -> dict[UUID, Person]:
    async with unit_of_work(Actor.system(tenant_id)) as session:
        return await standings_fill.fill_people(session, resources().cache, tenant_id, user_ids)
