"""Turns: a long run gives its place in the queue to others after a while, and goes on in a further job."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.jobs import runs

TURN_SECONDS: Final = 10.0
"""A process does two jobs at once: longer than so, two runs would keep those of all tenants waiting."""

Part = Callable[[AsyncSession, UUID], Awaitable[bool]]
"""Does the next part of the run of this id; False when nothing is left to do."""


async def take(actor: Actor, task: str, arguments: Mapping[str, Any], part: Part) -> None:
    """Do part after part, each in a transaction of its own; leave to a further job what the turn has no time for."""
    run_id, ends = UUID(arguments["run_id"]), time.monotonic() + TURN_SECONDS
    is_going_on = True
    while is_going_on:
        async with unit_of_work(actor) as session:
            is_going_on = await part(session, run_id)
            if is_going_on and time.monotonic() >= ends:
                await runs.go_on(session, actor, task, arguments)
                return
