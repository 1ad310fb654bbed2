"""Claw-backs: whatever undoes the fact of a conversion takes its reward, its tier and its share of the cap back.

A follower of the ledger (see `derivations`), so that it holds whoever undoes the fact: a refund, a reviewer, or an
administrator who reverses the event. It never calls the ledger: that calls it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.facts import APPROVED, LedgerFact
from bizosaas_app.services.gamification.referrals import accounts, news, own_facts, standing
from bizosaas_app.services.gamification.referrals.program_rules import POINTS
from bizosaas_app.services.gamification.review_desk import queue
from models import ReferralConversion, ReferralProgram

STANDING: tuple[str, ...] = ("approved", "pending_review")
"""Statuses of conversions whose fact stands in the ledger."""
REASON = "The referral was undone"


async def follow(
    session: AsyncSession, actor: Actor, undone: Sequence[LedgerFact], now: datetime
) -> list[tuple[UUID, str]]:
    """Take back what came of conversions whose facts are undone; give the facts of rewards that fall with them."""
    withdrawn: list[tuple[UUID, str]] = []
    for fact in undone:
        conversion_id = _conversion_of(fact)
        row = await _find(session, conversion_id, fact.event_id) if conversion_id else None
        if row is not None:
            withdrawn += await _undo(session, actor, row, fact, now)
    return withdrawn


def _conversion_of(fact: LedgerFact) -> UUID | None:
    """Give the conversion that the fact says it is of; senders may write anything there."""
    if fact.type not in own_facts.CONVERSION_TYPES:
        return None
    try:
        return UUID(str(fact.properties.get("conversion_id")))
    except ValueError:
        return None


async def _find(session: AsyncSession, conversion_id: UUID, event_id: UUID) -> ReferralConversion | None:
    """Give the conversion whose present fact this is: after a review the held one is past."""
    query: Any = (
        select(ReferralConversion)
        .where(ReferralConversion.id == conversion_id, ReferralConversion.event_id == event_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found: ReferralConversion | None = (await session.exec(query)).one_or_none()
    return found


async def _undo(
    session: AsyncSession, actor: Actor, row: ReferralConversion, fact: LedgerFact, now: datetime
) -> list[tuple[UUID, str]]:
    if row.status in STANDING:
        row.status, row.reversed_at = "reversed", now
        await news.conversion_decided(session, actor, row, now=now)
        await queue.announce(session, actor, row.id)
    if fact.type != APPROVED:
        await session.flush()
        return []
    program = (await session.exec(select(ReferralProgram).where(ReferralProgram.id == row.program_id))).one()
    losing = await accounts.take_back(session, program, row, reason=REASON, now=now)
    await session.flush()
    left = await standing.read(session, program.id, row.referrer_user_id)
    await standing.move(session, actor, program, row, left, now=now)
    if row.reward_kind != POINTS:
        return []
    return [(own_facts.reward_fact_id(row, user_id), REASON) for user_id in losing]
