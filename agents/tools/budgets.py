"""Budgets: how far the actual figures are from plan, and how much of that comes from volume alone.

A flexible budget restates the variable lines at the actual volume (Horngren, Cost Accounting, "Flexible Budgets"):
volume variance = flexed - planned, own variance = actual - flexed, and the sum of both is the whole variance.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Percentage, Row, cents, columns, percent_of, total

Volume = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=4)]


class BudgetLine(Row):
    """A line of the budget with what came of it."""

    name: Name
    kind: Literal["revenue", "cost"]
    planned: Amount
    actual: Amount
    is_variable: bool = False
    """Whether it moves with the volume."""


class VarianceArgs(MoneyArgs):
    """The budget of a period; with the volumes, variable lines are judged at the volume that came."""

    lines: list[BudgetLine] = Field(min_length=1, max_length=200, description="Budget lines, planned and actual")
    planned_volume: Volume | None = Field(None, description="Units, orders or hours that the plan assumed")
    actual_volume: Volume | None = Field(None, description="What came")
    tolerance: Percentage = Field(Decimal(5), description="Percent of a line's budget that is let pass")


class LineVariance(Row):
    """A line's variances by their effect on profit: above zero is good."""

    line: BudgetLine
    flexed: Decimal
    volume_effect: Decimal
    own_effect: Decimal

    @property
    def effect(self) -> Decimal:
        """The whole effect on profit."""
        return self.volume_effect + self.own_effect

    @property
    def own_share(self) -> Decimal | None:
        """The effect that is not due to volume, in percent of the flexed budget."""
        return percent_of(self.own_effect, self.flexed)


class Variances(ToolResult):
    """The lines, in the order of the budget."""

    variances: list[LineVariance]


@tool(
    facts={
        "line_count": "count",
        "planned_profit": "money",
        "actual_profit": "money",
        "ahead_by": "money",
        "behind_by": "money",
        "volume_gain": "money",
        "volume_loss": "money",
        "own_gain": "money",
        "own_loss": "money",
        "volume_above": "percent",
        "volume_below": "percent",
        "tolerance": "percent",
        "off_count": "count",
        "worst_line": "text",
        "worst_by": "money",
        "worst_share": "percent",
        "best_line": "text",
        "best_by": "money",
    },
    parts={"lines": "table", "chart": "series"},
)
def budget_variance(context: ToolContext, args: VarianceArgs) -> Variances:
    """Compare plan and actual by line, with the part of each variance that the volume explains."""
    if (args.planned_volume is None) != (args.actual_volume is None):
        lacking = "planned_volume" if args.planned_volume is None else "actual_volume"
        raise ToolNeedsMore(f"{lacking}: give both volumes, or neither")
    lines = [_variance(line, args) for line in args.lines]
    off = [item for item in lines if _is_off(item, args.tolerance)]
    currency = args.currency_in(context)
    planned = total(line.planned if line.kind == "revenue" else -line.planned for line in args.lines)
    actual = total(line.actual if line.kind == "revenue" else -line.actual for line in args.lines)
    found = [
        facts.count("line_count", "Budget lines", len(lines)),
        facts.money("planned_profit", "Planned result", planned, currency),
        facts.money("actual_profit", "Actual result", actual, currency),
        *_signed("ahead_by", "behind_by", "the result against plan", actual - planned, currency),
        *_signed("own_gain", "own_loss", "prices and spending", total(item.own_effect for item in lines), currency),
        facts.percent("tolerance", "Let pass", args.tolerance),
        facts.count("off_count", "Lines worse than that", len(off)),
        *_volume(lines, args, currency),
        *_ends(lines, currency),
    ]
    return Variances(
        source="input",
        variances=lines,
        facts=found,
        parts={
            "lines": _table(lines, currency),
            "chart": Series(
                title="Effect on the result by line",
                form="bar",
                unit=currency,
                points=[Point(x=item.line.name, y=float(item.effect)) for item in lines],
            ),
        },
    )


def _variance(line: BudgetLine, args: VarianceArgs) -> LineVariance:
    flexed = line.planned
    if line.is_variable and args.planned_volume and args.actual_volume:
        flexed = cents(line.planned * args.actual_volume / args.planned_volume)
    sign = 1 if line.kind == "revenue" else -1
    return LineVariance(
        line=line,
        flexed=flexed,
        volume_effect=(flexed - line.planned) * sign,
        own_effect=(line.actual - flexed) * sign,
    )


def _is_off(item: LineVariance, tolerance: Decimal) -> bool:
    return item.own_effect < 0 and (item.own_share is None or -item.own_share > tolerance)


def _signed(good: str, bad: str, label: str, value: Decimal, currency: str) -> list[Fact]:
    """Give a gain or a loss as a positive amount under its own name; nothing for nil."""
    if value > 0:
        return [facts.money(good, f"Better through {label}", value, currency)]
    return [facts.money(bad, f"Worse through {label}", -value, currency)] if value < 0 else []


def _volume(lines: list[LineVariance], args: VarianceArgs, currency: str) -> list[Fact]:
    if not (args.planned_volume and args.actual_volume):
        return []
    change = (args.actual_volume / args.planned_volume - 1) * 100
    effect = total(item.volume_effect for item in lines)
    key, word = ("volume_above", "above") if change >= 0 else ("volume_below", "below")
    return [
        facts.percent(key, f"Volume {word} plan", abs(change)),
        *_signed("volume_gain", "volume_loss", "the volume", effect, currency),
    ]


def _ends(lines: list[LineVariance], currency: str) -> list[Fact]:
    worst = min(lines, key=lambda item: (item.own_effect, item.line.name))
    best = max(lines, key=lambda item: (item.own_effect, item.line.name))
    found = []
    if worst.own_effect < 0:
        found.append(facts.text("worst_line", "Furthest behind", worst.line.name))
        found.append(facts.money("worst_by", "Behind by", -worst.own_effect, currency))
        if worst.own_share is not None:
            found.append(facts.percent("worst_share", "Of its budget", -worst.own_share))
    if best.own_effect > 0:
        found.append(facts.text("best_line", "Furthest ahead", best.line.name))
        found.append(facts.money("best_by", "Ahead by", best.own_effect, currency))
    return found


def _table(lines: list[LineVariance], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "name": item.line.name,
            "planned": item.line.planned,
            "flexed": item.flexed,
            "actual": item.line.actual,
            "volume": item.volume_effect,
            "own": item.own_effect,
            "share": None if item.own_share is None else round(float(item.own_share), 1),
        }
        for item in lines
    ]
    return Table(
        title="Plan and actual; effects above zero help the result",
        columns=columns(
            name="Line",
            planned=("Planned", "money"),
            flexed=("Planned at actual volume", "money"),
            actual=("Actual", "money"),
            volume=("Effect of volume", "money"),
            own=("Effect of price and spending", "money"),
            share=("In percent", "percent"),
        ),
        rows=rows,
        currency=currency,
    )
