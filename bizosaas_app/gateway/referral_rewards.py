"""Operations on rewards and payouts."""

from __future__ import annotations

from decimal import Decimal

from bizosaas_app.gateway import cursors
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_rewards import (
    EntryView,
    PayOut,
    PayoutsView,
    PayoutView,
    ReadRewards,
    RewardsView,
)
from bizosaas_app.gateway.contracts.referrals import BalanceView
from bizosaas_app.gateway.pipeline import operation
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.gamification.referrals import accounts, conversions, payouts, programs, receipts
from bizosaas_app.services.gamification.referrals.accounts import Balance
from models import RewardEntry


@operation("referrals.rewards", permission="view_referrals")
async def read_rewards(actor: Actor, command: ReadRewards) -> RewardsView:
    """Give the account of a member in a programme, one's own by default."""
    owner_id, after = conversions.member_of(actor, command.user_id), cursors.decode(command.cursor)
    async with unit_of_work(actor) as session:
        program = await programs.get(session, actor, command.program_id)
        balance = await accounts.read_balance(session, program, owner_id, now=utc_now())
        rows = await accounts.list_entries(session, program.id, owner_id, limit=command.limit + 1, after=after)
    shown = rows[: command.limit]
    last = shown[-1] if len(rows) > len(shown) else None
    return RewardsView(
        program_id=program.id,
        user_id=owner_id,
        balance=_balance_view(balance, accounts.currency_of(program)),
        entries=[_entry_view(row) for row in shown],
        next_cursor=cursors.encode(last.created_at, last.id) if last else None,
    )


@operation("referrals.pay_out", permission="manage_referrals")
async def pay_out(actor: Actor, command: PayOut) -> PayoutsView:
    """Pay a member's whole payable balance, or that of everybody who has enough."""
    async with unit_of_work(actor) as session:
        program = await programs.get(session, actor, command.program_id)
        paid = await payouts.pay(session, actor, program, command.user_id, note=command.note, now=utc_now())
    items = [
        PayoutView(id=row.id, user_id=row.user_id, amount=_money(-row.amount, row.currency), paid_at=row.created_at)
        for row in paid
    ]
    return PayoutsView(program_id=program.id, items=items)


def _balance_view(balance: Balance, currency: str) -> BalanceView:
    return BalanceView(
        held=_money(balance.held, currency),
        payable=_money(balance.payable, currency),
        paid=_money(balance.paid, currency),
    )


def _entry_view(row: RewardEntry) -> EntryView:
    return EntryView(
        id=row.id,
        kind=row.kind,
        amount=_money(row.amount, row.currency),
        conversion_id=row.conversion_id,
        available_at=row.available_at,
        note=row.note,
        created_at=row.created_at,
    )


def _money(amount: Decimal, currency: str) -> MoneyView:
    return MoneyView.model_validate(receipts.amount(amount, currency))
