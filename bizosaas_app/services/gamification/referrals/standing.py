"""Standing: how many approved conversions a member has in a programme, and the tier that follows, with its moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.referrals import news, tiers
from models import ReferralConversion, ReferralProgram, TierMove


@dataclass(frozen=True, slots=True)
class Standing:
    """Approved conversions, and the key of the tier that the last move led to."""

    approved: int
    tier: str | None


async def read(session: AsyncSession, program_id: UUID, user_id: UUID) -> Standing:
    """Give the member's standing; the people's lock keeps it until the transaction ends."""
    last = (
        select(TierMove.to_tier)
        .where(TierMove.program_id == program_id, TierMove.user_id == user_id)
        .order_by(col(TierMove.moved_at).desc(), col(TierMove.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    approved = (
        select(func.count())
        .select_from(ReferralConversion)
        .where(
            ReferralConversion.program_id == program_id,
            ReferralConversion.referrer_user_id == user_id,
            ReferralConversion.status == "approved",
        )
        .scalar_subquery()
    )
    return Standing(*(await session.execute(select(approved, last))).one())


async def move(
    session: AsyncSession,
    actor: Actor,
    program: ReferralProgram,
    row: ReferralConversion,
    standing: Standing,
    *,
    now: datetime,
) -> None:
    """Write the move to the tier that so many approved conversions deserve, up or down, and tell the member."""
    tier = tiers.tier_at(tiers.read(program.tiers), standing.approved)
    key = tier.key if tier else None
    if key == standing.tier:
        return
    session.add(
        TierMove(
            tenant_id=row.tenant_id,
            program_id=program.id,
            user_id=row.referrer_user_id,
            conversion_id=row.id,
            from_tier=standing.tier,
            to_tier=key,
            moved_at=now,
        )
    )
    await session.flush()
    await news.tier_moved(session, actor, program, row.referrer_user_id, tier, now=now)


async def list_moves(session: AsyncSession, program_id: UUID, user_id: UUID, *, limit: int) -> Sequence[TierMove]:
    """Give the member's latest moves, the last one first."""
    query = (
        select(TierMove)
        .where(TierMove.program_id == program_id, TierMove.user_id == user_id)
        .order_by(col(TierMove.moved_at).desc(), col(TierMove.id).desc())
        .limit(limit)
    )
    return (await session.exec(query)).all()
