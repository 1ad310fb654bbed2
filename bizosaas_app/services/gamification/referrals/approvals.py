"""Approvals: what an approved conversion earns, where it lifts its referrer, and which facts of rewards follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.services.gamification.admission import NewEvent
from bizosaas_app.services.gamification.referrals import accounts, own_facts, standing
from bizosaas_app.services.gamification.referrals.program_rules import POINTS
from bizosaas_app.services.gamification.referrals.standing import Standing
from models import ReferralConversion, ReferralProgram, RewardEntry


@dataclass(frozen=True, slots=True)
class Approval:
    """What is to be written once the conversion's row stands."""

    entries: Sequence[RewardEntry]
    standing: Standing


async def prepare(
    session: AsyncSession, program: ReferralProgram, row: ReferralConversion, *, now: datetime
) -> Approval:
    """Decide the reward of a conversion that is not yet among the approved ones, and set its columns."""
    before = await standing.read(session, program.id, row.referrer_user_id)
    approved = before.approved + 1
    entries = await accounts.earn(session, program, row, approved=approved, now=now)
    return Approval(entries, Standing(approved, before.tier))


async def complete(
    session: AsyncSession,
    actor: Actor,
    program: ReferralProgram,
    row: ReferralConversion,
    approval: Approval,
    *,
    now: datetime,
) -> list[NewEvent]:
    """Write the entries and the move of tier; give the facts of rewards in points that are not held."""
    session.add_all(approval.entries)
    await session.flush()
    await standing.move(session, actor, program, row, approval.standing, now=now)
    return credit(row, approval.entries, now) if row.reward_status == "payable" else []


def credit(row: ReferralConversion, entries: Sequence[RewardEntry], now: datetime) -> list[NewEvent]:
    """Give the facts that make points the members' own; money waits for its payout instead."""
    if row.reward_kind != POINTS:
        return []
    row.reward_status = "paid"
    return [own_facts.reward_fact(row, entry.user_id, entry.amount, now) for entry in entries]
