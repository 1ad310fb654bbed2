"""Release: rewards whose hold has ended become payable, and those in points become the members' own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification import ledger, people_locks
from bizosaas_app.services.gamification.admission import NewEvent
from bizosaas_app.services.gamification.referrals import approvals, news
from models import ReferralConversion, RewardEntry

BATCH: Final = 200
"""Conversions of one transaction: some 100 members' locks at most, held for a moment."""


async def release_due(session: AsyncSession, actor: Actor, *, now: datetime, limit: int = BATCH) -> int:
    """Release up to `limit` rewards whose hold is over; give how many. Several workers may do it at once.

    The people's locks come before the rows', as for everybody: whoever comes second finds the rows released.
    """
    due = await _find_due(session, now, limit)
    await people_locks.hold(session, actor.tenant_id, (user_id for people in due.values() for user_id in people))
    rows = await _take(session, list(due), now)
    entries = await _entries_of(session, [row.id for row in rows])
    facts: list[NewEvent] = []
    for row in rows:
        row.reward_status = "payable"
        session.add(row)
        shares = entries.get(row.id, [])
        facts += approvals.credit(row, shares, now)
        for entry in shares:
            await news.reward_payable(session, actor, row, entry.user_id, entry.amount, now=now)
    await session.flush()
    if facts:
        await ledger.append(session, actor, facts, now=now, source="service")
    return len(rows)


async def _find_due(session: AsyncSession, now: datetime, limit: int) -> dict[UUID, list[UUID]]:
    """Give the conversions that are due, each with the members whom it rewards; nothing is locked yet."""
    query = (
        select(ReferralConversion.id, ReferralConversion.referrer_user_id, ReferralConversion.referred_user_id)
        .where(ReferralConversion.reward_status == "held", col(ReferralConversion.hold_until) <= now)
        .order_by(col(ReferralConversion.hold_until))
        .limit(limit)
    )
    found = (await session.exec(query)).all()
    return {row[0]: [user_id for user_id in row[1:] if user_id is not None] for row in found}


async def _take(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> Sequence[ReferralConversion]:
    query: Any = (
        select(ReferralConversion)
        .where(
            col(ReferralConversion.id).in_(ids),
            ReferralConversion.status == "approved",
            ReferralConversion.reward_status == "held",
            col(ReferralConversion.hold_until) <= now,
        )
        .order_by(col(ReferralConversion.id))
        .with_for_update(skip_locked=True)
    )
    rows: Sequence[ReferralConversion] = (await session.exec(query)).all()
    return rows


async def _entries_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[RewardEntry]]:
    query = select(RewardEntry).where(col(RewardEntry.conversion_id).in_(ids), RewardEntry.kind == "earned")
    found: dict[UUID, list[RewardEntry]] = {}
    for entry in (await session.exec(query)).all():
        if entry.conversion_id is not None:
            found.setdefault(entry.conversion_id, []).append(entry)
    return found
