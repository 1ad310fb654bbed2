"""What waits for a person of the tenant: how much of each kind, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.overview import failed_jobs

_COUNT: Final = text("""
SELECT
    (SELECT count(*) FROM referral_conversions WHERE status = 'pending_review') AS conversions,
    (SELECT count(*) FROM agent_proposals WHERE status = 'pending' AND expires_at > :now) AS proposals,
    (SELECT count(*) FROM achievement_reviews WHERE status = 'open') AS unlocks,
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
    row = (await session.execute(_COUNT, {"now": now})).one()
    return Needs(**row._mapping, jobs=await failed_jobs.count(session, now=now))
