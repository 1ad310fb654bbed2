"""Rewards and payouts: what is asked and answered."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.referrals import BalanceView
from bizosaas_app.gateway.contracts.text import Line


class ReadRewards(SortedPaging):
    """Whose account in which programme: one's own in the default one if left out."""

    sort: Sort = "-created_at"
    program_id: UUID | None = None
    user_id: UUID | None = None


class EntryView(View):
    """A movement of the account: `earned`, or a negative `clawback` or `payout`."""

    id: UUID
    kind: str
    amount: MoneyView
    conversion_id: UUID | None
    available_at: Moment
    note: str | None
    created_at: Moment


class RewardsView(View):
    """An account with its entries, the latest first if no other order is asked for; `total` counts them all."""

    program_id: UUID
    user_id: UUID
    balance: BalanceView
    entries: list[EntryView]
    next_cursor: str | None
    total: int


class ListDue(SortedPaging):
    """Which programme's accounts with something payable, and which page of them; the default one if left out."""

    program_id: UUID | None = None
    sort: Sort = "-payable"


class DueView(View):
    """A member with something payable; `is_enough` says that it reaches the programme's least payout."""

    user_id: UUID
    name: str
    email: str
    balance: BalanceView
    is_enough: bool


class DuePage(CountedPage[DueView]):
    """Some of the members with something payable; `ready` and `ready_sum` are of all who have enough."""

    program_id: UUID
    program_name: str
    min_payout: MoneyView
    ready: int
    ready_sum: MoneyView


class PayOut(Command):
    """Pays the payable balance of a member, or of everybody who has enough."""

    program_id: UUID | None = None
    user_id: UUID | None = None
    note: Annotated[Line, Field(min_length=1, max_length=500)] | None = None


class PayoutView(View):
    """What a member was paid."""

    id: UUID
    user_id: UUID
    amount: MoneyView
    paid_at: Moment


class PayoutsView(View):
    """The payouts that were made."""

    program_id: UUID
    items: list[PayoutView]
