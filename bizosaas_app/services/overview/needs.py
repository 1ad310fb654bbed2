"""What waits for a person of the tenant: how much of each kind, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

FAILED_FOR: Final = timedelta(days=7)
"""So long a failed job is worth a look; nobody has to put it away."""

_COUNT: Final = text("""
SELECT
    (SELECT count(*) FROM referral_conversions WHERE status = 'pending_review') AS conversions,
    (SELECT count(*) FROM agent_proposals WHERE status = 'pending' AND expires_at > :now) AS proposals,
    (SELECT count(*) FROM achievement_reviews WHERE status = 'open') AS unlocks,
    (SELECT count(*) FROM job_runs WHERE status = 'failed' AND created_at >= :since) AS jobs,
    (SELECT count(*) FROM users WHERE status = 'invited') AS invitations
""")


@dataclass(frozen=True, slots=True)
class Needs:
    """Conversions and unlocks held for a review, proposals to decide, jobs that failed, invitations unanswered."""

    conversions: int
    proposals: int
    unlocks: int
    jobs: int
    invitations: int


async def count(session: AsyncSession, *, now: datetime) -> Needs:
    """Count what waits in the session's tenant."""
    return Needs(*(await session.execute(_COUNT, {"now": now, "since": now - FAILED_FOR})).one())
