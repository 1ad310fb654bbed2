"""Payouts: the whole payable balance of a member leaves the account, from the programme's least sum on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Conflict
from bizosaas_app.services import audit
from bizosaas_app.services.accounts import members
from bizosaas_app.services.gamification import people_locks
from bizosaas_app.services.gamification.referrals import accounts, news, receipts
from bizosaas_app.services.gamification.referrals.program_rules import POINTS
from models import ReferralConversion, ReferralProgram, RewardEntry


class BelowMinimumPayout(Conflict):
    """The balance is kept until it is worth a transfer."""

    code = "below_minimum_payout"
    title = "The payable balance is below the programme's least payout"


async def pay(
    session: AsyncSession,
    actor: Actor,
    program: ReferralProgram,
    user_id: UUID | None,
    *,
    note: str | None,
    now: datetime,
) -> list[RewardEntry]:
    """Pay a member out, or everybody who has enough; give the entries of it.

    Raises `BelowMinimumPayout` when that is nobody, `NotFound` for somebody who is no member.
    """
    if user_id is not None:
        await members.get_user(session, user_id)
    owed = [user_id] if user_id is not None else await _find_owed(session, program, now)
    await people_locks.hold(session, actor.tenant_id, owed)
    tried = [await _pay_one(session, actor, program, owner, note=note, now=now) for owner in owed]
    paid = [entry for entry in tried if entry is not None]
    if not paid:
        raise BelowMinimumPayout(data={"minimum": receipts.amount(program.min_payout, accounts.currency_of(program))})
    return paid


async def _pay_one(
    session: AsyncSession, actor: Actor, program: ReferralProgram, user_id: UUID, *, note: str | None, now: datetime
) -> RewardEntry | None:
    balance = await accounts.read_balance(session, program, user_id, now=now)
    if balance.payable <= 0 or balance.payable < program.min_payout:
        return None
    entry = RewardEntry(
        tenant_id=actor.tenant_id,
        program_id=program.id,
        user_id=user_id,
        kind="payout",
        amount=-balance.payable,
        currency=accounts.currency_of(program),
        available_at=now,
        note=note,
        created_at=now,
    )
    session.add(entry)
    await session.flush()
    await session.execute(
        update(ReferralConversion)
        .where(
            col(ReferralConversion.program_id) == program.id,
            col(ReferralConversion.referrer_user_id) == user_id,
            col(ReferralConversion.reward_status).in_(("held", "payable")),
            col(ReferralConversion.hold_until) <= now,
        )
        .values(reward_status="paid")
    )
    told = receipts.amount(balance.payable, entry.currency)
    await audit.record(session, actor, action="referrals.paid_out", subject=f"user:{user_id}", detail=told)
    await news.paid_out(session, actor, user_id, f"{told['amount']} {told['currency']}", now=now)
    return entry


async def _find_owed(session: AsyncSession, program: ReferralProgram, now: datetime) -> Sequence[UUID]:
    """Give the members with anything payable; points are nobody's to pay."""
    if program.reward_kind == POINTS:
        return []
    due = func.sum(col(RewardEntry.amount)).filter(col(RewardEntry.available_at) <= now)
    query = (
        select(RewardEntry.user_id)
        .where(RewardEntry.program_id == program.id)
        .group_by(col(RewardEntry.user_id))
        .having(due >= func.greatest(program.min_payout, 0), due > 0)
        .order_by(col(RewardEntry.user_id))
    )
    return (await session.exec(query)).all()
