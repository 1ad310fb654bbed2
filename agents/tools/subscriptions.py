"""Subscriptions: how recurring revenue moves from month to month, and what of it stays.

Definitions as in Skok, "SaaS Metrics 2.0": new, expansion, contraction and churned revenue by customer; net revenue
retention is the revenue of last month's customers today over what it was; quick ratio is gained over lost revenue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Row, cents, columns, percent_of, total

LONGEST_MONTHS: Final = 120


class Charge(Row):
    """What a customer's subscriptions bring in a month (yearly plans as their twelfth)."""

    customer: Name
    month: date
    """Any day of it."""
    amount: Amount


class SubscriptionArgs(MoneyArgs):
    """Recurring revenue by customer and month."""

    charges: list[Charge] = Field(min_length=1, max_length=5000, description="Monthly recurring revenue by customer")


class Movement(Row):
    """How a month's recurring revenue came from that of the month before; opening + gains - losses = closing."""

    month: date
    opening: Decimal
    new: Decimal
    expansion: Decimal
    contraction: Decimal
    churned: Decimal
    closing: Decimal


class Subscriptions(ToolResult):
    """The movement of every month after the earliest."""

    movements: list[Movement]


@dataclass(frozen=True, slots=True)
class _Pair:
    """The revenue by customer in a month and in the one before."""

    before: Mapping[str, Decimal]
    now: Mapping[str, Decimal]

    def change(self, name: str) -> Decimal:
        return self.now.get(name, Decimal(0)) - self.before.get(name, Decimal(0))

    def movement(self, month: date) -> Movement:
        kept = [name for name in self.before if name in self.now]
        return Movement(
            month=month,
            opening=total(self.before.values()),
            new=total(amount for name, amount in self.now.items() if name not in self.before),
            expansion=total(max(self.change(name), Decimal(0)) for name in kept),
            contraction=total(max(-self.change(name), Decimal(0)) for name in kept),
            churned=total(amount for name, amount in self.before.items() if name not in self.now),
            closing=total(self.now.values()),
        )


@tool(
    facts={
        "month": "text",
        "mrr": "money",
        "arr": "money",
        "customers": "count",
        "revenue_per_customer": "money",
        "mrr_before": "money",
        "mrr_growth": "percent",
        "new_mrr": "money",
        "expansion_mrr": "money",
        "contraction_mrr": "money",
        "churned_mrr": "money",
        "lost_mrr": "money",
        "net_retention": "percent",
        "gross_retention": "percent",
        "customer_churn": "percent",
        "lost_customers": "count",
        "quick_ratio": "ratio",
        "largest_loss": "text",
        "largest_loss_amount": "money",
    },
    parts={"movements": "table", "chart": "series"},
)
def subscription_metrics(context: ToolContext, args: SubscriptionArgs) -> Subscriptions:
    """Compute monthly recurring revenue, its movements, retention, churn and quick ratio of the latest month."""
    months = _by_month(args.charges)
    ordered = sorted(months)
    pairs = [_Pair(months[a], months[b]) for a, b in pairwise(ordered)]
    movements = [pair.movement(month) for pair, month in zip(pairs, ordered[1:], strict=True)]
    currency = args.currency_in(context)
    latest = months[ordered[-1]]
    mrr = total(latest.values())
    found = [
        facts.text("month", "Month", f"{ordered[-1]:%B %Y}"),
        facts.money("mrr", "Monthly recurring revenue", mrr, currency),
        facts.money("arr", "A year of it", mrr * 12, currency),
        facts.count("customers", "Paying customers", len(latest)),
    ]
    if latest:
        found.append(facts.money("revenue_per_customer", "Revenue per customer", mrr / len(latest), currency))
    if pairs:
        found += _movement_facts(pairs[-1], movements[-1], currency)
    chart = [Point(x=f"{month:%Y-%m}", y=float(total(months[month].values()))) for month in ordered]
    return Subscriptions(
        source="input",
        movements=movements,
        facts=found,
        parts={
            "movements": _table(movements, currency),
            "chart": Series(title="Monthly recurring revenue", unit=currency, points=chart),
        },
    )


def _by_month(charges: list[Charge]) -> dict[date, dict[str, Decimal]]:
    """Give the revenue by customer of every month from the earliest to the latest; a month without any is empty."""
    sums: dict[date, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for charge in charges:
        if charge.amount > 0:
            sums[charge.month.replace(day=1)][charge.customer] += charge.amount
    if not sums:
        raise ToolNeedsMore("charges: no amount is above zero")
    months: dict[date, dict[str, Decimal]] = {}
    month, last = min(sums), max(sums)
    while month <= last:
        if len(months) == LONGEST_MONTHS:
            raise ToolNeedsMore(f"charges: the months span more than {LONGEST_MONTHS}; give fewer of them")
        months[month] = dict(sums.get(month, {}))
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return months


def _movement_facts(pair: _Pair, movement: Movement, currency: str) -> list[Fact]:
    lost = movement.contraction + movement.churned
    gained = movement.new + movement.expansion
    gone = sorted(name for name in pair.before if name not in pair.now)
    found = [
        facts.money("mrr_before", "The month before", movement.opening, currency),
        facts.money("new_mrr", "From new customers", movement.new, currency),
        facts.money("expansion_mrr", "From larger plans", movement.expansion, currency),
        facts.money("contraction_mrr", "Lost to smaller plans", movement.contraction, currency),
        facts.money("churned_mrr", "Lost with customers who left", movement.churned, currency),
        facts.money("lost_mrr", "Lost in all", lost, currency),
        facts.count("lost_customers", "Customers who left", len(gone)),
    ]
    if lost:
        worst = min(sorted(pair.before), key=pair.change)
        found += [
            facts.ratio("quick_ratio", "Quick ratio", gained / lost),
            facts.text("largest_loss", "Largest loss", worst),
            facts.money("largest_loss_amount", "Lost there", -pair.change(worst), currency),
        ]
    if pair.before:
        opening = movement.opening
        found += [
            facts.percent("mrr_growth", "Growth in the month", (movement.closing - opening) / opening * 100),
            facts.percent("net_retention", "Net revenue retention", (movement.closing - movement.new) / opening * 100),
            facts.percent("gross_retention", "Gross revenue retention", (opening - lost) / opening * 100),
            facts.percent("customer_churn", "Customer churn", len(gone) / len(pair.before) * 100),
        ]
    return found


def _table(movements: list[Movement], currency: str) -> Table:
    rows: list[dict[str, Cell]] = []
    for item in movements:
        net = percent_of(item.closing - item.new, item.opening)
        amounts: dict[str, Cell] = {
            key: cents(getattr(item, key))
            for key in ("opening", "new", "expansion", "contraction", "churned", "closing")
        }
        rows.append({"month": f"{item.month:%Y-%m}", **amounts, "net": None if net is None else round(float(net), 1)})
    return Table(
        title="Recurring revenue by month",
        columns=columns(
            month="Month",
            opening=("Opening", "money"),
            new=("New", "money"),
            expansion=("Expansion", "money"),
            contraction=("Contraction", "money"),
            churned=("Churned", "money"),
            closing=("Closing", "money"),
            net=("Net retention", "percent"),
        ),
        rows=rows,
        currency=currency,
    )
