"""The round that deletes all that there is of a customer whose time of grace is over.

Everything in it can be done again: whoever is killed in between is followed by another, who goes on with what is left.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services import audit
from bizosaas_app.services.departures import erasing
from bizosaas_app.services.departures.erasing import Erasure

log = get_logger(__name__)

_KEYS_AT_ONCE: Final = 500


async def erase(actor: Actor, now: datetime) -> None:  # noqa: ARG001  # the database says whose time is over
    """Delete the tenant's secrets, rows and keys, and write down in the operator's log that it is gone.

    Raises `SecretsUnavailable` while the secrets' store is away: the tenant is not gone then, a later round goes on.
    """
    async with unit_of_work(actor) as session:
        found = await erasing.begin(session)
    if found is None:
        return
    await _delete_secrets(actor.tenant_id)
    # What was begun before the doors closed may still write: until a whole pass finds nothing.
    while await _delete_rows(actor):
        continue
    await _delete_keys(actor.tenant_id)
    await _delete_secrets(actor.tenant_id)  # those too that were written meanwhile
    await _end(found, actor.tenant_id)


async def _delete_secrets(tenant_id: UUID) -> None:
    """Remove what is kept under the tenant's own names, such as `payments/<tenant>/...`."""
    secrets = resources().secrets
    for name in await secrets.names():
        if str(tenant_id) in name.split("/"):
            await secrets.delete(name)


async def _delete_rows(actor: Actor) -> int:
    """Delete the rows of every table once, a batch at a time; give how many there were."""
    async with unit_of_work(actor) as session:
        await erasing.dequeue(session, actor.tenant_id)
    erased = 0
    for table in erasing.tables():
        batch = None
        while batch != 0:
            async with unit_of_work(actor) as session:
                batch = await erasing.erase_batch(session, actor, table)
            erased += batch
    return erased


async def _delete_keys(tenant_id: UUID) -> None:
    client = resources().cache.client
    found: list[str] = []
    async for key in client.scan_iter(match=Cache.key(tenant_id, "*"), count=_KEYS_AT_ONCE):
        found.append(key)
        if len(found) == _KEYS_AT_ONCE:
            await client.unlink(*found)
            found.clear()
    if found:
        await client.unlink(*found)


async def _end(erasure: Erasure, tenant_id: UUID) -> None:
    """Write the end down once, whoever comes to it twice."""
    operator = Actor.system(erasure.operator)
    async with unit_of_work(operator) as session:
        rows = await erasing.end(session, tenant_id)
        if rows is None:
            return
        detail = {"slug": erasure.slug, "rows": rows}
        await audit.record(
            session, operator, action="platform.tenant_erased", subject=f"tenant:{tenant_id}", detail=detail
        )
    log.info("a tenant that left was erased", tenant_id=str(tenant_id), rows=rows)
