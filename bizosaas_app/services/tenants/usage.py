"""What a tenant's agents cost and how its jobs fare, counted inside the tenant for the platform's console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

DAYS: Final = 30

_COUNT: Final = text("""
SELECT
    (SELECT count(*) FROM agent_runs WHERE created_at >= :since) AS runs,
    (SELECT coalesce(sum(tokens), 0) FROM agent_spending WHERE day >= CAST(:since AS date)) AS tokens,
    (SELECT coalesce(sum(cost_usd), 0) FROM agent_spending WHERE day >= CAST(:since AS date)) AS cost_usd,
    (SELECT count(*) FROM job_runs WHERE status = 'failed' AND finished_at >= :since) AS failed_jobs
""")


@dataclass(frozen=True, slots=True)
class Usage:
    """Of the last 30 days; a cost holds what running agents have reserved."""

    runs: int
    tokens: int
    cost_usd: Decimal
    failed_jobs: int


async def count(session: AsyncSession, *, now: datetime) -> Usage:
    """Count the use of the session's tenant: no name, no text."""
    row = (await session.execute(_COUNT, {"since": now - timedelta(days=DAYS)})).one()
    return Usage(row.runs, int(row.tokens), row.cost_usd, row.failed_jobs)
