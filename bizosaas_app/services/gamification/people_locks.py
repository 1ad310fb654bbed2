"""People's locks: what follows from one member's events is derived by one transaction at a time.

Whoever needs further locks takes these first: people, then programmes and counters, then leaderboard entries. Before
the people comes the tenant's projection, shared (see `projector`): a rebuild holds it alone and takes people after it,
so nobody may hold people and then wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

BUCKETS: Final = 64
"""Members share so many locks in a tenant: a batch of hundreds of members takes at most these, of the server's
6,400; and of two single events only one pair in 64 waits for the other without need."""

_HOLD: Final = text("""
WITH projection AS MATERIALIZED (
    SELECT pg_advisory_xact_lock_shared(hashtextextended('projection:' || :tenant, 0))
)
SELECT pg_advisory_xact_lock(hashtextextended('people:' || :tenant || '/' || bucket, 0))
FROM projection, unnest(CAST(:buckets AS integer[])) AS bucket
""")


async def hold(session: AsyncSession, tenant_id: UUID, user_ids: Iterable[UUID]) -> None:
    """Wait for our turn with these members, and keep it until the transaction ends."""
    buckets = sorted({user_id.int % BUCKETS for user_id in user_ids})
    if buckets:
        # In one order for everybody, so that no two transactions wait for each other.
        await session.execute(_HOLD, {"tenant": str(tenant_id), "buckets": buckets})
