"""Dues: whose account in a programme has something payable, and what paying everybody out would cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Subquery, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.services import sheets
from bizosaas_app.services.gamification.referrals.accounts import Balance
from bizosaas_app.services.gamification.referrals.program_rules import POINTS
from models import Member, ReferralProgram, RewardEntry

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ready:
    """How many members have enough to be paid out, and how much together."""

    members: int
    amount: Decimal


async def read_sheet(
    session: AsyncSession, program: ReferralProgram, asked: sheets.Asked, *, now: datetime
) -> sheets.Sheet[Member]:
    """Give a page of the members with something payable; raises `InputInvalid` for an unknown `sort`."""
    due = _accounts(program, now)
    orders: dict[str, Any] = {"payable": due.c.payable, "held": due.c.held, "name": func.lower(col(Member.name))}
    query = select(Member).join(due, due.c.user_id == col(Member.id)).where(due.c.payable > 0, _is_payable(program))
    return await sheets.read(session, query, asked, orders=orders, row_id=col(Member.id))


async def read_balances(
    session: AsyncSession, program: ReferralProgram, user_ids: Collection[UUID], *, now: datetime
) -> dict[UUID, Balance]:
    """Give the accounts of these members."""
    due = _accounts(program, now)
    rows = await session.execute(
        select(due.c.user_id, due.c.held, due.c.payable, due.c.paid).where(due.c.user_id.in_(user_ids))
    )
    return {user_id: Balance(held, payable, paid) for user_id, held, payable, paid in rows}


async def read_ready(session: AsyncSession, program: ReferralProgram, *, now: datetime) -> Ready:
    """Give what a payout to everybody would pay now."""
    due = _accounts(program, now)
    enough = select(func.count(), func.coalesce(func.sum(due.c.payable), 0)).where(
        due.c.payable > 0, due.c.payable >= program.min_payout, _is_payable(program)
    )
    members, amount = (await session.execute(enough)).one()
    return Ready(members, Decimal(amount))


def _accounts(program: ReferralProgram, now: datetime) -> Subquery:
    """Give every account of the programme as `accounts.read_balance` gives one."""
    is_due = col(RewardEntry.available_at) <= now
    query = select(
        col(RewardEntry.user_id),
        _sum().filter(~is_due).label("held"),
        _sum().filter(is_due).label("payable"),
        _sum().filter(col(RewardEntry.kind) == "payout").label("withdrawn"),
    ).where(RewardEntry.program_id == program.id)
    sums = query.group_by(col(RewardEntry.user_id)).subquery()
    return select(
        sums.c.user_id,
        func.coalesce(sums.c.held, _ZERO).label("held"),
        func.coalesce(sums.c.payable, _ZERO).label("payable"),
        (-func.coalesce(sums.c.withdrawn, _ZERO)).label("paid"),
    ).subquery("due")


def _sum() -> Any:
    return func.sum(col(RewardEntry.amount))


def _is_payable(program: ReferralProgram) -> bool:
    """Say whether the programme's rewards can be paid out: points are the members' own."""
    return program.reward_kind != POINTS
