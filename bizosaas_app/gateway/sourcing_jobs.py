"""The job that brings products into the shop, and the round that takes up what is due again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bizosaas_app.gateway import shop
from bizosaas_app.gateway.shop import Offered, Shop, ShopFailed, ShopRefused
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.sourcing import deliveries
from bizosaas_app.services.sourcing.cells import plain
from bizosaas_app.services.sourcing.deliveries import Claim

AT_ONCE: Final = 100
"""Publications of our own catalogue in one transaction."""


TURN_SECONDS: Final = 20.0
"""How long a tenant's products are delivered before others in the queue have their turn."""


async def publish(actor: Actor, arguments: Mapping[str, Any]) -> None:  # noqa: ARG001  # the tenant is all it needs
    """Deliver what is due; a failure is noted beside its product and holds up no other.

    What is left over at the end of the turn is left to a further job.
    """
    held, ends = resources(), time.monotonic() + TURN_SECONDS
    found = await shop.find(held.settings, held.secrets)
    while await (_fill_catalogue(actor) if found is None else _send_one(actor, found)):
        if time.monotonic() >= ends:
            await take_up(actor, utc_now())
            return


async def take_up(actor: Actor, now: datetime) -> None:
    """Leave a job for what is due: what is to be tried again, and what a dead worker has left."""
    async with unit_of_work(actor) as session:
        await deliveries.leave(session, actor, now=now)


async def _fill_catalogue(actor: Actor) -> bool:
    """Publish a batch in our own catalogue; say whether there was one."""
    now = utc_now()
    async with unit_of_work(actor) as session:
        claims = await deliveries.claim(session, "catalogue", limit=AT_ONCE, now=now)
        await deliveries.put_in_catalogue(session, actor, claims, now=now)
    return bool(claims)


async def _send_one(actor: Actor, found: Shop) -> bool:
    """Send one product to the shop; say whether there was one. The claim is committed before it is sent."""
    async with unit_of_work(actor) as session:
        claims = await deliveries.claim(session, "shop", limit=1, now=utc_now())
    for item in claims:
        await _send(actor, found, item)
    return bool(claims)


async def _send(actor: Actor, found: Shop, item: Claim) -> None:
    try:
        external_id = await found.publish(_offered(item))
    except (ShopFailed, ShopRefused) as error:
        async with unit_of_work(actor) as session:
            is_final = isinstance(error, ShopRefused)
            await deliveries.fail(session, actor, item, error.message, is_final=is_final, now=utc_now())
        return
    async with unit_of_work(actor) as session:
        await deliveries.succeed(session, actor, item, external_id, now=utc_now())


def _offered(item: Claim) -> Offered:
    row = item.row
    listing = {
        "sku": row.sku,
        "title": row.title,
        "description": row.description,
        "keywords": row.keywords,
        "price": {"amount": plain(row.price), "currency": row.currency},
    }
    return Offered(row.tenant_id, row.id, row.sku, listing)
