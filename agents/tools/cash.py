"""Cash: what the bank balance will be, day by day, and how low it gets."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Final, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Row, SignedAmount, cents, columns, total

_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


class Flow(Row):
    """Money that comes in (positive) or goes out (negative), at a day or again and again from that day."""

    label: Name
    amount: SignedAmount
    day: date
    every: Literal["never", "week", "month", "quarter", "year"] = "never"
    """How it repeats after its day."""
    until: date | None = None


class CashArgs(MoneyArgs):
    """Today's balance and the expected flows."""

    opening: SignedAmount = Field(description="Bank balance at the start")
    flows: list[Flow] = Field(min_length=1, max_length=1000, description="Expected payments, in and out")
    start: date | None = Field(None, description="The first day; today without it")
    weeks: int = Field(13, ge=1, le=104, description="How far to look")
    reserve: Amount = Field(Decimal(0), description="The balance that should never be undercut")
    late_days: int = Field(0, ge=0, le=180, description="Also look at what happens when all income is late by so much")


class Cash(ToolResult):
    """The projected balance."""

    lowest_balance: Decimal
    closing_balance: Decimal


@tool(
    facts={
        "opening": "money",
        "money_in": "money",
        "money_out": "money",
        "closing": "money",
        "weeks": "count",
        "lowest": "money",
        "lowest_on": "date",
        "headroom": "money",
        "short_by": "money",
        "short_on": "date",
        "largest_out": "text",
        "largest_out_total": "money",
        "late_by": "days",
        "late_lowest": "money",
        "late_short_by": "money",
    },
    parts={"weekly": "table", "balance": "series"},
)
def cash_projection(context: ToolContext, args: CashArgs) -> Cash:
    """Project the bank balance day by day from the opening balance and the expected payments."""
    start = args.start or context.now.date()
    days = [start + timedelta(days=number) for number in range(args.weeks * 7)]
    moves = _moves(args.flows, days[0], days[-1])
    balance = _balance(args.opening, moves, days)
    currency = args.currency_in(context)
    lowest_on = min(days, key=lambda day: (balance[day], day))
    found = [
        facts.money("opening", "Balance at the start", args.opening, currency),
        facts.money("money_in", "Coming in", total(a for items in moves.values() for _, a in items if a > 0), currency),
        facts.money("money_out", "Going out", _spent(moves), currency),
        facts.money("closing", "Balance at the end", balance[days[-1]], currency),
        facts.count("weeks", "Weeks", args.weeks),
        facts.money("lowest", "Lowest balance", balance[lowest_on], currency),
        facts.day("lowest_on", "Day of the lowest balance", lowest_on),
        *_against_reserve(balance, days, args.reserve, currency),
        *_largest(moves, currency),
        *_late(args, days, currency),
    ]
    return Cash(
        source="input",
        lowest_balance=balance[lowest_on],
        closing_balance=balance[days[-1]],
        facts=found,
        parts={
            "weekly": _weekly(args.opening, moves, balance, days, currency),
            "balance": Series(
                title="Projected balance by day",
                unit=currency,
                points=[Point(x=day.isoformat(), y=float(balance[day])) for day in days],
            ),
        },
    )


Moves = Mapping[date, list[tuple[str, Decimal]]]


def _moves(flows: list[Flow], start: date, end: date, late_days: int = 0) -> Moves:
    """Give the flows of each day; income comes `late_days` after its day."""
    found: dict[date, list[tuple[str, Decimal]]] = defaultdict(list)
    for flow in flows:
        delay = timedelta(days=late_days if flow.amount > 0 else 0)
        for day in _days_of(flow, end):
            if start <= day and day + delay <= end:
                found[day + delay].append((flow.label, flow.amount))
    return found


def _days_of(flow: Flow, end: date) -> Iterator[date]:
    last = min(end, flow.until or end)
    for number in count():
        day = _repeat(flow, number)
        if day > last:
            return
        yield day
        if flow.every == "never":
            return


def _repeat(flow: Flow, number: int) -> date:
    if flow.every in ("never", "week"):
        return flow.day + timedelta(weeks=number)
    years, month = divmod(flow.day.month - 1 + number * _MONTHS[flow.every], 12)
    year = flow.day.year + years
    return date(year, month + 1, min(flow.day.day, monthrange(year, month + 1)[1]))


def _balance(opening: Decimal, moves: Moves, days: list[date]) -> dict[date, Decimal]:
    balance, reached = opening, {}
    for day in days:
        balance += total(amount for _, amount in moves.get(day, ()))
        reached[day] = balance
    return reached


def _against_reserve(balance: Mapping[date, Decimal], days: list[date], reserve: Decimal, currency: str) -> list[Fact]:
    lowest = min(balance.values())
    if lowest >= reserve:
        return [facts.money("headroom", "Left above the reserve at the lowest point", lowest - reserve, currency)]
    return [
        facts.money("short_by", "Below the reserve at the lowest point", reserve - lowest, currency),
        facts.day("short_on", "First day below the reserve", next(day for day in days if balance[day] < reserve)),
    ]


def _spent(moves: Moves) -> Decimal:
    return -total(amount for items in moves.values() for _, amount in items if amount < 0)


def _largest(moves: Moves, currency: str) -> list[Fact]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for items in moves.values():
        for label, amount in items:
            sums[label] -= min(amount, Decimal(0))
    label, spent = max(sums.items(), key=lambda item: (item[1], item[0]), default=("", Decimal(0)))
    if not spent:
        return []
    return [
        facts.text("largest_out", "Largest expense", label),
        facts.money("largest_out_total", "Paid for the largest expense", spent, currency),
    ]


def _late(args: CashArgs, days: list[date], currency: str) -> list[Fact]:
    if not args.late_days:
        return []
    moves = _moves(args.flows, days[0], days[-1], args.late_days)
    lowest = min(_balance(args.opening, moves, days).values())
    found = [
        facts.span("late_by", "Delay that is tried out", args.late_days, "days"),
        facts.money("late_lowest", "Lowest balance if income is late", lowest, currency),
    ]
    if lowest < args.reserve:
        found.append(facts.money("late_short_by", "Then below the reserve", args.reserve - lowest, currency))
    return found


def _weekly(opening: Decimal, moves: Moves, balance: Mapping[date, Decimal], days: list[date], currency: str) -> Table:
    rows: list[dict[str, Cell]] = []
    for place in range(0, len(days), 7):
        week = days[place : place + 7]
        amounts = [amount for day in week for _, amount in moves.get(day, ())]
        rows.append(
            {
                "week": week[0].isoformat(),
                "opening": cents(balance[days[place - 1]] if place else opening),
                "money_in": cents(total(amount for amount in amounts if amount > 0)),
                "money_out": cents(-total(amount for amount in amounts if amount < 0)),
                "closing": cents(balance[week[-1]]),
                "lowest": cents(min(balance[day] for day in week)),
            }
        )
    return Table(
        title="Cash by week",
        columns=columns(
            week=("Week from", "date"),
            opening=("Opening", "money"),
            money_in=("In", "money"),
            money_out=("Out", "money"),
            closing=("Closing", "money"),
            lowest=("Lowest day", "money"),
        ),
        rows=rows,
        currency=currency,
    )
