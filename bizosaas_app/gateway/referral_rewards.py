"""Operations on rewards and payouts."""

from __future__ import annotations

from decimal import Decimal

from bizosaas_app.gateway import cursors
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referral_rewards import (
    DuePage,
    DueView,
    EntryView,
    ListDue,
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
from bizosaas_app.services.gamification.referrals import accounts, conversions, dues, payouts, programs, receipts
from bizosaas_app.services.gamification.referrals.accounts import Balance
from models import Member, ReferralProgram, RewardEntry


@operation("referrals.rewards", permission="view_referrals")
async def read_rewards(actor: Actor, command: ReadRewards) -> RewardsView:
    """Give the account of a member in a programme, one's own by default."""
    owner_id = conversions.member_of(actor, command.user_id)
    async with unit_of_work(actor) as session:
        program = await programs.get(session, actor, command.program_id)
        balance = await accounts.read_balance(session, program, owner_id, now=utc_now())
        sheet = await accounts.read_entries(session, program.id, owner_id, cursors.asked(command))
    return RewardsView(
        program_id=program.id,
        user_id=owner_id,
        balance=_balance_view(balance, accounts.currency_of(program)),
        entries=[_entry_view(row) for row in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
    )


@operation("referrals.list_due", permission="manage_referrals")
async def list_due(actor: Actor, command: ListDue) -> DuePage:
    """List the members with something payable in a programme, the most first if no other order is asked for."""
    now = utc_now()
    async with unit_of_work(actor) as session:
        program = await programs.get(session, actor, command.program_id)
        sheet = await dues.read_sheet(session, program, cursors.asked(command), now=now)
        balances = await dues.read_balances(session, program, {row.id for row in sheet.rows}, now=now)
        ready = await dues.read_ready(session, program, now=now)
    currency = accounts.currency_of(program)
    return DuePage(
        items=[_due_view(row, balances[row.id], program) for row in sheet.rows],
        next_cursor=cursors.after(sheet, command.sort),
        total=sheet.total,
        program_id=program.id,
        program_name=program.name,
        min_payout=_money(program.min_payout, currency),
        ready=ready.members,
        ready_sum=_money(ready.amount, currency),
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


def _due_view(row: Member, balance: Balance, program: ReferralProgram) -> DueView:
    return DueView(
        user_id=row.id,
        name=row.name or row.email,
        email=row.email,
        balance=_balance_view(balance, accounts.currency_of(program)),
        is_enough=balance.payable >= program.min_payout,
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
