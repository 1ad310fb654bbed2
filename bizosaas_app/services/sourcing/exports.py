"""Exports: everything that we hold as rows of a file; imported again, they change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services import audit
from bizosaas_app.services.sourcing import stock


async def export(session: AsyncSession, actor: Actor) -> list[Mapping[str, Any]]:
    """Give every offer with its product, for `files.write`; who took them stands in the audit log."""
    rows = await stock.list_rows(session)
    await audit.record(session, actor, action="sourcing.exported", detail={"rows": len(rows)})
    return rows
