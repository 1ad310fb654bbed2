"""The jobs of campaigns: sending what is due in a tenant, and the round that begins it and mends what broke off."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bizosaas_app.gateway import campaign_channels
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.campaigns import notices, results, sending
from bizosaas_app.services.campaigns.contents import KINDS
from bizosaas_app.services.campaigns.launching import TASK
from bizosaas_app.services.campaigns.letters import Writer
from bizosaas_app.services.campaigns.sending import Claim, Taken
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.notifications.mails import Addresses

log = get_logger(__name__)

TURN_SECONDS: Final = 20.0
"""How long a tenant's messages go out before others in the queue have their turn."""
REPEATABLE: Final = tuple(kind for kind in KINDS if kind == "notice" or campaign_channels.ENDS[kind].knows_repetitions)
"""Kinds of channels whose other end can tell a repetition."""


async def deliver(actor: Actor, arguments: Mapping[str, Any]) -> None:  # noqa: ARG001  # the tenant is all it needs
    """Send the tenant's messages that are due, one after the other; what is left over is left to a further job."""
    ends = time.monotonic() + TURN_SECONDS
    touched: set[UUID] = set()
    while time.monotonic() < ends:
        taken = await _take(actor)
        if taken is None:
            break
        touched.add(taken.campaign_id)
        if taken.claim is not None:
            await _send(actor, taken.claim)
    for campaign_id in touched:
        async with unit_of_work(actor) as session:
            await results.complete(session, actor, campaign_id, now=utc_now())
    await _go_on(actor)


async def begin(actor: Actor, now: datetime) -> None:
    """Begin a job for what is due in the tenant, and take up what dead workers have left: messages and ends."""
    async with unit_of_work(actor) as session:
        await sending.rescue(session, actor, repeatable=REPEATABLE, now=now)
        finished = await results.list_finished(session)
    for campaign_id in finished:
        async with unit_of_work(actor) as session:
            await results.complete(session, actor, campaign_id, now=now)
    await _go_on(actor)


async def _go_on(actor: Actor) -> None:
    """Leave a job for what is due by now, unless one waits already."""
    async with unit_of_work(actor) as session:
        if await sending.has_due(session, now=utc_now()):
            await queue.enqueue(session, actor, TASK, once=TASK)


async def _take(actor: Actor) -> Taken | None:
    held = resources()
    addresses = Addresses(pages=held.settings.public_origin, api=held.settings.api_url)
    async with unit_of_work(actor) as session:
        writer = Writer(held.peppers["unsubscribe"], held.peppers["campaign_link"], addresses)
        return await sending.take(session, actor, writer, now=utc_now())


async def _send(actor: Actor, claim: Claim) -> None:
    """Hand a claimed message over and settle it; a failure is kept with the message."""
    if claim.kind == "notice":
        await _leave_notice(actor, claim)
        return
    try:
        channel = await campaign_channels.open_channel(actor.tenant_id, claim.kind)
        await channel.send(claim.message)
    except AppError as error:
        log.warning("a campaign's message failed", send=str(claim.send_id), code=error.code, attempt=claim.attempt)
        async with unit_of_work(actor) as session:
            await sending.fail(session, actor, claim, error, now=utc_now(), jitter=random.random())
        return
    async with unit_of_work(actor) as session:
        await sending.succeed(session, actor, claim, now=utc_now())


async def _leave_notice(actor: Actor, claim: Claim) -> None:
    """Leave a notice and settle its message in one transaction: nothing leaves the house."""
    async with unit_of_work(actor) as session:
        if await sending.succeed(session, actor, claim, now=utc_now()):
            await notices.leave(session, actor, claim.user_id, claim.message)
