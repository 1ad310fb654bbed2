"""History: the events of members that still count, read from the ledger again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.facts import LedgerFact
from bizosaas_app.services.gamification.metrics import ANY_EVENT

_STREAMED: Final = 2000
"""Events of one fetch from the server-side cursor."""

_LIVE: Final = """
SELECT e.event_id, e.user_id, e.type, e.value, e.properties, e.occurred_at, e.source
FROM gamification_events e
WHERE e.tenant_id = :tenant_id AND {whose} AND (:is_any OR e.type = ANY(:types)) AND {since}
    AND e.reverses_event_id IS NULL
    AND NOT EXISTS (
        SELECT FROM gamification_events r WHERE r.tenant_id = e.tenant_id AND r.reverses_event_id = e.event_id
    )
"""
_OF_MEMBERS: Final = "e.user_id = ANY(:users)"
_OF_ALL: Final = "e.user_id IS NOT NULL"


async def stream(
    session: AsyncSession,
    tenant_id: UUID,
    *,
    types: Collection[str],
    user_ids: Collection[UUID] | None = None,
    since: datetime | None = None,
) -> AsyncIterator[LedgerFact]:
    """Read the events of these types, of these members or all, in no order; among the types `*` means every one."""
    query = _LIVE.format(
        whose=_OF_ALL if user_ids is None else _OF_MEMBERS,
        since="true" if since is None else "e.occurred_at >= :since",
    )
    chosen = {
        "tenant_id": tenant_id,
        "is_any": ANY_EVENT in types,
        "types": sorted(types),
        **({} if user_ids is None else {"users": sorted(user_ids)}),
        **({} if since is None else {"since": since}),
    }
    result = await session.stream(text(query).execution_options(yield_per=_STREAMED), chosen)
    async for row in result:
        yield LedgerFact(*row)


async def count_up_to(session: AsyncSession, tenant_id: UUID, types: Collection[str], limit: int) -> int:
    """Count the ledger's rows of these types, but no further than `limit`."""
    query = """
    SELECT count(*) FROM (
        SELECT FROM gamification_events e
        WHERE e.tenant_id = :tenant_id AND (:is_any OR e.type = ANY(:types)) LIMIT :limit
    ) AS found
    """
    chosen = {"tenant_id": tenant_id, "is_any": ANY_EVENT in types, "types": sorted(types), "limit": limit}
    return int((await session.execute(text(query), chosen)).scalar_one())
