"""The sales pipeline: what open deals will probably bring, and whether the target is within reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool

Money = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]

_COURSES: Final = 20_000
"""Simulated outcomes: the chance of reaching a target is then known to within a third of a percent point."""


class Deal(BaseModel):
    """An open deal: `chance_percent` is the chance to win it, as its stage or its owner has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    amount: Money
    chance_percent: float = Field(ge=0, le=100)
    stage: str = Field("", max_length=60)
    close_on: date


class PipelineArgs(Args):
    """The open deals, and what they should bring."""

    deals: list[Deal] = Field(min_length=1, max_length=2000, description="Open deals")
    target: Money | None = Field(None, description="What is to be won in the period")
    already_won: Money = Field(Decimal(0), description="Won in the period so far")
    as_of: date | None = Field(None, description="The day of the forecast; today without it")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="A currency code such as EUR; leave empty for your own currency"
    )


class PipelineForecast(ToolResult):
    """What the pipeline is worth."""

    weighted: Decimal
    stale: list[str]


@tool(
    facts={
        "deal_count": "count",
        "open_total": "money",
        "weighted_total": "money",
        "low_total": "money",
        "median_total": "money",
        "high_total": "money",
        "target": "money",
        "target_chance": "percent",
        "target_gap": "money",
        "largest_deal": "text",
        "largest_amount": "money",
        "largest_share": "percent",
        "stale_count": "count",
        "stale_total": "money",
        "stale_deal": "text",
    },
    parts={"months": "table", "deals": "table", "chart": "series"},
)
def pipeline_forecast(context: ToolContext, args: PipelineArgs) -> PipelineForecast:
    """Forecast what open deals bring: weighted by their chances, and simulated many times by the run's seed.

    Deals are taken to be won or lost independently of each other. Totals include what is won already; low and high
    are the tenth and the ninetieth percentile.
    """
    currency, as_of = args.currency or context.currency, args.as_of or context.now.date()
    weighted = args.already_won + sum((_expected(deal) for deal in args.deals), Decimal(0))
    stale = sorted((deal for deal in args.deals if deal.close_on < as_of), key=lambda deal: -deal.amount)
    courses = _courses(args.deals, args.already_won, context.seed)
    return PipelineForecast(
        source="input",
        weighted=weighted,
        stale=[deal.name for deal in stale],
        facts=[
            facts.count("deal_count", "Open deals", len(args.deals)),
            facts.money("open_total", "Open in total", _total(args.deals), currency),
            facts.money("weighted_total", "Expected, with what is won already", weighted, currency),
            *_simulated(courses, args, weighted, currency),
            *_risks(args.deals, stale, weighted - args.already_won, currency),
        ],
        parts={
            "months": table(
                "Expected by month",
                [
                    {"month": month, "deals": len(deals), "open": _total(deals), "expected": sum(map(_expected, deals))}
                    for month, deals in _by_month(args.deals).items()
                ],
                currency=currency,
                month="Month",
                deals=("Deals", "number"),
                open=("Open", "money"),
                expected=("Expected", "money"),
            ),
            "deals": table(
                "Deals, the largest expectation at the top",
                [
                    {
                        "name": deal.name,
                        "stage": deal.stage,
                        "amount": deal.amount,
                        "chance": deal.chance_percent,
                        "expected": _expected(deal),
                        "close_on": deal.close_on.isoformat(),
                    }
                    for deal in sorted(args.deals, key=lambda deal: (-_expected(deal), deal.name))
                ],
                currency=currency,
                name="Deal",
                stage="Stage",
                amount=("Amount", "money"),
                chance=("Chance", "percent"),
                expected=("Expected", "money"),
                close_on=("Closes", "date"),
            ),
            "chart": bars("How often the total came out at or below", _steps(courses), currency),
        },
    )


def _expected(deal: Deal) -> Decimal:
    return (deal.amount * Decimal(str(deal.chance_percent)) / 100).quantize(Decimal("0.01"))


def _total(deals: Sequence[Deal]) -> Decimal:
    return sum((deal.amount for deal in deals), Decimal(0))


def _by_month(deals: Sequence[Deal]) -> dict[str, list[Deal]]:
    months: dict[str, list[Deal]] = defaultdict(list)
    for deal in sorted(deals, key=lambda deal: deal.close_on):
        months[f"{deal.close_on:%Y-%m}"].append(deal)
    return dict(months)


def _courses(deals: Sequence[Deal], won: Decimal, seed: int) -> list[float]:
    import numpy as np

    amounts = np.array([float(deal.amount) for deal in deals])
    chances = np.array([deal.chance_percent / 100 for deal in deals])
    random = np.random.default_rng(seed % 2**63)
    totals = np.full(_COURSES, float(won))
    for amount, chance in zip(amounts, chances, strict=True):  # a deal at a time: all at once would fill the memory
        totals += amount * (random.random(_COURSES) < chance)
    return [float(value) for value in np.sort(totals)]


def _at(courses: Sequence[float], share: float) -> float:
    return courses[min(int(share * len(courses)), len(courses) - 1)]


def _steps(courses: Sequence[float]) -> list[tuple[str, float]]:
    return [(f"{share:.0%}", _at(courses, share)) for share in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)]


def _simulated(courses: Sequence[float], args: PipelineArgs, weighted: Decimal, currency: str) -> list[Fact]:
    low, middle, high = (Decimal(str(round(_at(courses, share), 2))) for share in (0.1, 0.5, 0.9))
    found = [
        facts.money("low_total", "Low case", low, currency),
        facts.money("median_total", "Middle case", middle, currency),
        facts.money("high_total", "High case", high, currency),
    ]
    if args.target is not None:
        # Rounded sums: a target that is met to the cent must count as met.
        reached = sum(round(value, 2) >= float(args.target) for value in courses)
        found += [
            facts.money("target", "Target", args.target, currency),
            facts.percent("target_chance", "Chance to reach it", 100 * reached / len(courses), digits=0),
        ]
        if weighted < args.target:
            found.append(facts.money("target_gap", "Expected to be short of it by", args.target - weighted, currency))
    return found


def _risks(deals: Sequence[Deal], stale: Sequence[Deal], expected: Decimal, currency: str) -> list[Fact]:
    largest = max(deals, key=lambda deal: (_expected(deal), deal.name))
    found = [
        facts.text("largest_deal", "Deal that carries most of the expectation", largest.name),
        facts.money("largest_amount", "Its amount", largest.amount, currency),
        facts.count("stale_count", "Deals past their closing day", len(stale)),
    ]
    if expected:
        found.append(
            facts.percent("largest_share", "Its share of the expectation", 100 * _expected(largest) / expected)
        )
    if stale:
        found.append(facts.money("stale_total", "Worth of those", _total(stale), currency))
        found.append(facts.text("stale_deal", "The largest of those", stale[0].name))
    return found
