"""Expenses: which are unusually high for their kind, and which look paid twice.

The robust z-score is that of Iglewicz and Hoaglin (1993), "How to Detect and Handle Outliers": the distance from the
median over the median absolute deviation, taken of logarithms because amounts are skewed; 3.5 is their limit.
"""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolResult, tool
from agents.tools.amounts import MoneyArgs, Name, Row, cents, columns, total

FEWEST: Final = 6
"""Expenses of a category from which a usual amount can be told."""
_LEAST_EXCESS: Final = Decimal("1.2")
"""Times the usual amount below which nothing is worth a look, however steady the category is."""
_NORMAL: Final = 0.6745
"""The median absolute deviation of a standard normal distribution."""
_NORMAL_MEAN: Final = 1.253314
"""Its standard deviation over its mean absolute deviation, for categories whose median deviation is nil."""


class Expense(Row):
    """A booked expense."""

    reference: str = Field(min_length=1, max_length=60)
    day: date
    vendor: Name
    category: Name
    amount: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]


class ExpenseArgs(MoneyArgs):
    """The expenses of a period."""

    expenses: list[Expense] = Field(min_length=1, max_length=3000, description="Booked expenses")
    limit: float = Field(3.5, ge=2, le=10, description="Robust z-score from which an amount is unusual")
    twin_days: int = Field(10, ge=0, le=366, description="Days between equal payments to a vendor that look like twins")


class Oddity(Row):
    """An expense that wants a look; `usual` is its category's median."""

    expense: Expense
    reason: str
    usual: Decimal | None = None
    score: float | None = None


class Oddities(ToolResult):
    """What was found, the largest amounts before the others."""

    oddities: list[Oddity]


@tool(
    facts={
        "checked_count": "count",
        "checked_total": "money",
        "unusual_count": "count",
        "unusual_total": "money",
        "twin_count": "count",
        "twin_total": "money",
        "thin_count": "count",
        "top_vendor": "text",
        "top_reference": "text",
        "top_amount": "money",
        "top_usual": "money",
        "twin_vendor": "text",
        "twin_amount": "money",
    },
    parts={"oddities": "table", "categories": "series"},
)
def expense_anomalies(context: ToolContext, args: ExpenseArgs) -> Oddities:
    """Find expenses far above the usual of their category (robust z-score) and payments that look made again."""
    by_category: dict[str, list[Expense]] = defaultdict(list)
    for item in args.expenses:
        by_category[item.category].append(item)
    unusual = [odd for items in by_category.values() for odd in _unusual(items, args.limit)]
    unusual.sort(key=lambda odd: -odd.expense.amount)
    twins = sorted(_twins(args.expenses, args.twin_days), key=lambda odd: -odd.expense.amount)
    thin = sum(len(items) for items in by_category.values() if len(items) < FEWEST)
    currency = args.currency_in(context)
    found = [
        facts.count("checked_count", "Expenses checked", len(args.expenses)),
        facts.money("checked_total", "Worth", total(item.amount for item in args.expenses), currency),
        facts.count("unusual_count", "Unusually high", len(unusual)),
        facts.money("unusual_total", "Worth of the unusual ones", total(o.expense.amount for o in unusual), currency),
        facts.count("twin_count", "Payments that repeat another", len(twins)),
        facts.money("twin_total", "Worth of the repeats", total(o.expense.amount for o in twins), currency),
        facts.count("thin_count", "In categories too small to judge", thin),
    ]
    if unusual:
        top = unusual[0]
        found += [
            facts.text("top_vendor", "Vendor of the largest", top.expense.vendor),
            facts.text("top_reference", "Its reference", top.expense.reference),
            facts.money("top_amount", "Its amount", top.expense.amount, currency),
            facts.money("top_usual", "Usual in its category", top.usual or Decimal(0), currency),
        ]
    if twins:
        found.append(facts.text("twin_vendor", "Vendor of the largest repeat", twins[0].expense.vendor))
        found.append(facts.money("twin_amount", "Amount of the largest repeat", twins[0].expense.amount, currency))
    sums = {name: total(item.amount for item in items) for name, items in by_category.items()}
    largest = sorted(sums.items(), key=lambda item: -item[1])[:30]
    return Oddities(
        source="input",
        oddities=[*unusual, *twins],
        facts=found,
        parts={
            "oddities": _table([*unusual, *twins], currency),
            "categories": Series(
                title="Expenses by category",
                form="bar",
                unit=currency,
                points=[Point(x=name, y=float(amount)) for name, amount in largest],
            ),
        },
    )


def _unusual(items: list[Expense], limit: float) -> list[Oddity]:
    if len(items) < FEWEST:
        return []
    import numpy as np
    from scipy.stats import median_abs_deviation

    logs = np.array([math.log(item.amount) for item in items])
    middle = float(np.median(logs))
    deviation = float(median_abs_deviation(logs)) / _NORMAL
    scale = deviation or _NORMAL_MEAN * float(np.mean(np.abs(logs - middle)))
    if scale == 0:
        return []
    amounts = sorted(item.amount for item in items)
    usual = (amounts[(len(amounts) - 1) // 2] + amounts[len(amounts) // 2]) / 2
    scores = [(item, (value - middle) / scale) for item, value in zip(items, logs.tolist(), strict=True)]
    return [
        Oddity(expense=item, reason="Far above the usual of its category", usual=usual, score=score)
        for item, score in scores
        if score > limit and item.amount >= usual * _LEAST_EXCESS
    ]


def _twins(expenses: list[Expense], days: int) -> list[Oddity]:
    seen: dict[tuple[str, Decimal], Expense] = {}
    twins = []
    for item in sorted(expenses, key=lambda expense: (expense.day, expense.reference)):
        key = (item.vendor.casefold().strip(), cents(item.amount))
        earlier = seen.get(key)
        if earlier is not None and item.day - earlier.day <= timedelta(days=days):
            twins.append(Oddity(expense=item, reason=f"Same vendor and amount as {earlier.reference}"))
        seen[key] = item
    return twins


def _table(oddities: list[Oddity], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "reference": odd.expense.reference,
            "day": odd.expense.day.isoformat(),
            "vendor": odd.expense.vendor,
            "category": odd.expense.category,
            "amount": odd.expense.amount,
            "usual": odd.usual,
            "reason": odd.reason,
        }
        for odd in oddities[:200]
    ]
    return Table(
        title="Expenses to look at",
        columns=columns(
            reference="Reference",
            day=("Day", "date"),
            vendor="Vendor",
            category="Category",
            amount=("Amount", "money"),
            usual=("Usual", "money"),
            reason="Why",
        ),
        rows=rows,
        currency=currency,
    )
