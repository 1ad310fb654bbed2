"""The nightly round of retention, for each tenant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.retention import pruning
from bizosaas_app.services.retention.rules import AUDIT_LOG, RULES

log = get_logger(__name__)

Batch = Callable[[AsyncSession], Awaitable[int]]


async def prune(actor: Actor, now: datetime) -> None:
    """Apply every rule to the tenant, a batch at a time; what is done stays done, whenever it breaks off."""
    batches: dict[str, Batch] = {
        rule.key: partial(pruning.prune, actor=actor, rule=rule, now=now, at_most=pruning.BATCH) for rule in RULES
    }
    kept = timedelta(days=resources().settings.audit_days)
    batches[AUDIT_LOG] = partial(pruning.prune_audit, actor=actor, kept=kept, now=now, at_most=pruning.BATCH)
    pruned = {key: await _whole(actor, batch) for key, batch in batches.items()}
    counts = {key: rows for key, rows in pruned.items() if rows}
    if counts:
        log.info("what was kept long enough is gone", tenant_id=str(actor.tenant_id), rows=counts)


async def _whole(actor: Actor, batch: Batch) -> int:
    """Do one rule until nothing is left of it; give how many rows there were."""
    total, last = 0, pruning.BATCH
    while last == pruning.BATCH:
        async with unit_of_work(actor) as session:
            last = await batch(session)
        total += last
    return total
