"""The job that writes an export: a page at a time, each in its own transaction; a restart goes on from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.exports import writing


async def write(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Write what is left of an export; begun twice, it goes on where it was."""
    has_more = True
    while has_more:
        async with unit_of_work(actor) as session:
            has_more = await writing.write_page(session, actor, UUID(arguments["run_id"]), arguments["scope"])
