"""What the clock does with leaderboards, for each tenant: close seasons, keep yesterday's ranks, mend drift."""

from __future__ import annotations

from datetime import datetime

from bizosaas_app.gateway import metrics
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.gamification import drift, movements, seasons

log = get_logger(__name__)


async def close_seasons(actor: Actor, now: datetime) -> None:
    """Close the periods that have ended, each once, and tell those who came first."""
    async with unit_of_work(actor) as session:
        await seasons.close(session, actor, now=now)


async def keep_ranks(actor: Actor, now: datetime) -> None:
    """Keep the ranks that stood when the tenant's yesterday ended."""
    async with unit_of_work(actor) as session:
        await movements.keep(session, now=now)


async def mend_drift(actor: Actor, now: datetime) -> None:
    """Compare what is derived with the ledger, mend what differs, and count it."""
    async with unit_of_work(actor) as session:
        found = await drift.mend(session, resources().cache, actor, now=now)
    metrics.count_drift(found.entries, found.copies)
    if found.entries or found.copies:
        log.warning("leaderboards differed and were mended", entries=found.entries, copies=found.copies)
