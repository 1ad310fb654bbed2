"""The job that counts a tenant's days again after another time zone was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification import rebuild


async def recount(actor: Actor, arguments: Mapping[str, Any]) -> None:  # noqa: ARG001  # the tenant is all it needs
    """Derive everything from the ledger, by the days as they are now; the same however often it runs."""
    async with unit_of_work(actor) as session:
        await rebuild.one_tenant(session, actor, now=utc_now())
