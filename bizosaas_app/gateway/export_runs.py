"""The job that writes an export: a page at a time, each in its own transaction; a restart goes on from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway import run_turns
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.exports import writing


async def write(actor: Actor, arguments: Mapping[str, Any]) -> None:
    """Write what is left of an export, as much as a turn has time for; begun twice, it goes on where it was."""

    async def page(session: AsyncSession, run_id: UUID) -> bool:
        return await writing.write_page(session, actor, run_id, arguments["scope"])

    await run_turns.take(actor, writing.TASK, arguments, page)
