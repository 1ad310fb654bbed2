"""The game's summary inside an access token: four figures that a client may show before it asks for more."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services.accounts.access_tokens import Gamification
from models import Leaderboard, LeaderboardEntry, Membership, ReferralCode, ShowcasePortfolio, TenantAchievement

MAIN_BOARD: Final = "points"
_FURTHEST: Final = 1000
"""Ranks are counted up to here; nobody's token waits for the count of a million better ones."""


async def summarise(session: AsyncSession, user_id: UUID) -> Gamification:
    """Give the member's achievements, rank on the main board, referral code and latest published showcase."""
    unlocked = (
        select(func.count())
        .select_from(TenantAchievement)
        .where(col(TenantAchievement.user_id) == user_id, col(TenantAchievement.status) == "unlocked")
        .scalar_subquery()
    )
    code = (
        select(col(ReferralCode.code))
        .where(col(ReferralCode.user_id) == user_id, col(ReferralCode.status) == "active")
        .order_by(col(ReferralCode.created_at))
        .limit(1)
        .scalar_subquery()
    )
    portfolio = (
        select(col(ShowcasePortfolio.id))
        .where(col(ShowcasePortfolio.owner_user_id) == user_id, col(ShowcasePortfolio.status) == "published")
        .order_by(col(ShowcasePortfolio.created_at).desc())
        .limit(1)
        .scalar_subquery()
    )
    count, text, portfolio_id = (await session.execute(select(unlocked, code, portfolio))).one()
    return Gamification(
        achievement_count=count,
        leaderboard_rank=await _rank(session, user_id),
        referral_code=text,
        portfolio_id=str(portfolio_id) if portfolio_id else None,
    )


async def _rank(session: AsyncSession, user_id: UUID) -> int | None:
    """Count the visible members with a better score, or give None beyond the last rank that is counted."""
    mine = (
        await session.execute(
            select(LeaderboardEntry)
            .join(Leaderboard, col(Leaderboard.id) == LeaderboardEntry.leaderboard_id)
            .where(
                col(Leaderboard.key) == MAIN_BOARD,
                col(LeaderboardEntry.period) == "all",
                col(LeaderboardEntry.user_id) == user_id,
            )
        )
    ).scalar_one_or_none()
    if mine is None:
        return None
    better = (
        select(col(LeaderboardEntry.user_id))
        .join(Membership, col(Membership.user_id) == LeaderboardEntry.user_id)
        .where(
            col(LeaderboardEntry.leaderboard_id) == mine.leaderboard_id,
            col(LeaderboardEntry.period) == "all",
            col(LeaderboardEntry.score) > mine.score,
            col(Membership.leaderboard_privacy) != "hidden",
        )
        .limit(_FURTHEST)
        .subquery()
    )
    count = (await session.execute(select(func.count()).select_from(better))).scalar_one()
    return count + 1 if count < _FURTHEST else None
