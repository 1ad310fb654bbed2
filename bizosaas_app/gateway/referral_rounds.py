"""What referrals do in the background."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.referrals import release, sign_ups


async def tell_sign_up(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Write the fact of a member who joined by a code."""
    async with unit_of_work(actor) as session:
        await sign_ups.tell(session, actor, UUID(arguments["user_id"]), now=utc_now())


async def release_rewards(actor: Actor, moment: datetime) -> None:
    """Release every reward of the tenant whose hold is over by then, a batch in each transaction."""
    released = release.BATCH
    while released == release.BATCH:
        async with unit_of_work(actor) as session:
            released = await release.release_due(session, actor, now=moment)
