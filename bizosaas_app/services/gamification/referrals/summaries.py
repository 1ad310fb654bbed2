"""Summaries: what a member sees of their own referrals in one programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.gamification.referrals import codes, tiers
from bizosaas_app.services.gamification.referrals.tiers import Tier
from models import ReferralCode, ReferralProgram

_COUNT: Final = text("""
SELECT
    (SELECT count(*) FROM referral_clicks k JOIN referral_codes o ON o.tenant_id = k.tenant_id AND o.id = k.code_id
     WHERE k.is_counted AND o.user_id = :user AND o.program_id = :program),
    (SELECT count(*) FROM referral_sign_ups s JOIN referral_codes o ON o.tenant_id = s.tenant_id AND o.id = s.code_id
     WHERE s.referrer_user_id = :user AND o.program_id = :program),
    count(*), count(*) FILTER (WHERE status = 'approved'), count(*) FILTER (WHERE status = 'pending_review')
FROM referral_conversions WHERE referrer_user_id = :user AND program_id = :program
""")


@dataclass(frozen=True, slots=True)
class Counters:
    """Since the member joined."""

    clicks: int
    sign_ups: int
    conversions: int
    approved: int
    pending: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The member's code, None before it was asked for, with the counters and the tiers around them."""

    program: ReferralProgram
    code: ReferralCode | None
    counters: Counters
    tiers: Sequence[Tier]
    tier: Tier | None
    next_tier: Tier | None

    @property
    def missing_for_next(self) -> int | None:
        """How many approved conversions the next tier is away."""
        return self.next_tier.threshold - self.counters.approved if self.next_tier else None


async def read(session: AsyncSession, program: ReferralProgram, user_id: UUID) -> Summary:
    """Give the member's summary in the programme."""
    code = await codes.find_of(session, program.id, user_id)
    counters = Counters(*(await session.execute(_COUNT, {"user": user_id, "program": program.id})).one())
    known = tiers.read(program.tiers)
    return Summary(
        program,
        code,
        counters,
        known,
        tiers.tier_at(known, counters.approved),
        tiers.next_after(known, counters.approved),
    )
