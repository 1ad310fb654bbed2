"""Accounts of rewards: what a conversion earns, within the programme's cap, and what stands in a member's account.

Entries are only ever added. What is earned counts as held until it is available, then as payable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, text
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services import sheets
from bizosaas_app.services.gamification.referrals import own_facts, tiers
from bizosaas_app.services.gamification.referrals.program_rules import NO_CURRENCY, POINTS
from bizosaas_app.services.gamification.referrals.tiers import ZERO
from models import ReferralConversion, ReferralProgram, RewardEntry

NO_TIER: Final = "below_first_tier"
NO_REWARD: Final = "no_reward_in_tier"
CAP_REACHED: Final = "spend_cap_reached"

_LOCK: Final = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")
_SPENDING: Final = ("earned", "clawback")


@dataclass(frozen=True, slots=True)
class Balance:
    """A member's account in a programme; `payable` is negative when more was paid than is still earned."""

    held: Decimal
    payable: Decimal
    paid: Decimal


def currency_of(program: ReferralProgram) -> str:
    """Give what the accounts of the programme are kept in."""
    return NO_CURRENCY if program.reward_kind == POINTS else program.currency


async def earn(
    session: AsyncSession, program: ReferralProgram, row: ReferralConversion, *, approved: int, now: datetime
) -> list[RewardEntry]:
    """Decide the reward of a conversion that is its referrer's `approved`-th, and give its entries, not yet written.

    Holds the programme's lock until the transaction ends when there is a cap to keep.
    """
    reward = tiers.reward_for(tiers.read(program.tiers), approved, is_double=_is_double(program, row))
    row.reward_kind = program.reward_kind
    row.reward_tier = reward.tier.key if reward.tier else None
    row.reward_reason = await _find_obstacle(session, program, reward)
    if row.reward_reason is not None:
        row.reward_status, row.reward_value, row.hold_until = "none", ZERO, None
        return []
    row.hold_until = row.occurred_at + timedelta(days=program.hold_days)
    row.reward_value = reward.referrer
    row.reward_status = "held" if row.hold_until > now else "payable"
    shares = ((row.referrer_user_id, reward.referrer), (row.referred_user_id, reward.referred))
    return [
        _entry(program, row, user_id, amount, available_at=row.hold_until, now=now)
        for user_id, amount in shares
        if user_id is not None and amount > 0
    ]


async def take_back(
    session: AsyncSession, program: ReferralProgram, row: ReferralConversion, *, reason: str, now: datetime
) -> list[UUID]:
    """Write the negative entries of a conversion that counts no longer; give the members who lose a reward."""
    query = select(RewardEntry).where(RewardEntry.conversion_id == row.id, RewardEntry.kind == "earned")
    earned = (await session.exec(query)).all()
    for entry in earned:
        due_at = max(entry.available_at, now)  # what was still held is taken back from what is held
        session.add(_entry(program, row, entry.user_id, -entry.amount, available_at=due_at, now=now, note=reason))
    row.reward_status = "clawed_back" if earned else row.reward_status
    return [entry.user_id for entry in earned]


async def read_balance(session: AsyncSession, program: ReferralProgram, user_id: UUID, *, now: datetime) -> Balance:
    """Give what stands in the member's account; points are the member's own as soon as they are not held any more."""
    query = _sums(user_id, now).where(col(RewardEntry.program_id) == program.id)
    held, due, paid = (await session.execute(query)).one()
    return Balance(held, ZERO, due) if program.reward_kind == POINTS else Balance(held, due, -paid)


async def read_payable(session: AsyncSession, user_id: UUID, *, now: datetime) -> dict[str, Decimal]:
    """Give what is payable in all of the member's accounts together, by currency, where there is any; no points."""
    currency = col(RewardEntry.currency)
    query = _sums(user_id, now).add_columns(currency).where(currency != NO_CURRENCY).group_by(currency)
    rows = (await session.execute(query.order_by(currency))).all()
    return {code: due for _, due, _, code in rows if due}


ENTRY_ORDERS: Final[dict[str, SQLColumnExpression[Any]]] = {
    "created_at": col(RewardEntry.created_at),
    "available_at": col(RewardEntry.available_at),
    "amount": col(RewardEntry.amount),
    "kind": col(RewardEntry.kind),
}
"""What the entries of an account can be sorted by."""


async def read_entries(
    session: AsyncSession, program_id: UUID, user_id: UUID, asked: sheets.Asked
) -> sheets.Sheet[RewardEntry]:
    """Give a page of the account's entries; raises `InputInvalid` for an unknown `sort`."""
    query = select(RewardEntry).where(RewardEntry.user_id == user_id, RewardEntry.program_id == program_id)
    return await sheets.read(session, query, asked, orders=ENTRY_ORDERS, row_id=col(RewardEntry.id))


async def _find_obstacle(session: AsyncSession, program: ReferralProgram, reward: tiers.Reward) -> str | None:
    if reward.tier is None:
        return NO_TIER
    if reward.total == 0:
        return NO_REWARD
    if program.spend_cap is None or await _read_spent(session, program) + reward.total <= program.spend_cap:
        return None
    return CAP_REACHED


async def _read_spent(session: AsyncSession, program: ReferralProgram) -> Decimal:
    """Give what the programme has spent, and let nobody else spend until this transaction ends."""
    await session.execute(_LOCK, {"name": f"referral-spend:{program.id}"})
    query = select(func.coalesce(func.sum(col(RewardEntry.amount)), 0)).where(
        RewardEntry.program_id == program.id, col(RewardEntry.kind).in_(_SPENDING)
    )
    spent: Any = (await session.exec(query)).one()
    return Decimal(spent)


def _sums(user_id: UUID, now: datetime) -> Select[Any]:
    """Ask what is held, payable (for points: the member's own) and paid, the last as what has left the accounts."""
    is_due, is_payout = col(RewardEntry.available_at) <= now, col(RewardEntry.kind) == "payout"
    return select_any(_sum(~is_due), _sum(is_due), _sum(is_payout)).where(col(RewardEntry.user_id) == user_id)


def _sum(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(col(RewardEntry.amount)).filter(condition), 0)


def _is_double(program: ReferralProgram, row: ReferralConversion) -> bool:
    return program.reward_sides == "double" and row.referred_user_id is not None


def _entry(
    program: ReferralProgram,
    row: ReferralConversion,
    user_id: UUID,
    amount: Decimal,
    *,
    available_at: datetime,
    now: datetime,
    note: str | None = None,
) -> RewardEntry:
    kind = "earned" if amount > 0 else "clawback"
    return RewardEntry(
        tenant_id=row.tenant_id,
        id=own_facts.entry_id(row, user_id, kind),
        program_id=program.id,
        user_id=user_id,
        conversion_id=row.id,
        kind=kind,
        amount=amount,
        currency=currency_of(program),
        available_at=available_at,
        note=note,
        created_at=now,
    )
