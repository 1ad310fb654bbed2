"""Experiments: how many cases a comparison of rates needs before it can tell anything."""

from __future__ import annotations

from math import asin, ceil, pi, sin, sqrt
from typing import Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.tables import line, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool

_WEEK: Final = 7
_LIFTS: Final = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
"""Multiples of the wished lift that are shown beside it."""


class ExperimentArgs(Args):
    """What is tested, and how sure the answer must be."""

    baseline_percent: float = Field(gt=0, lt=100, description="Rate today, such as 3.2 for 3.2 %")
    lift_percent: float = Field(gt=0, le=1000, description="Smallest relative rise worth finding, such as 10")
    visitors_per_day: int = Field(ge=1, le=10**9, description="People a day who would take part, all variants together")
    variants: int = Field(2, ge=2, le=6, description="Versions, today's included")
    power_percent: float = Field(80, ge=50, lt=100, description="Chance to find a rise of that size if it is there")
    significance_percent: float = Field(5, gt=0, le=20, description="Accepted chance of a false alarm, two-sided")


class ExperimentPlan(ToolResult):
    """The size of the experiment."""

    per_variant: int
    run_days: int


@tool(
    facts={
        "baseline": "percent",
        "target": "percent",
        "lift": "percent",
        "per_variant": "count",
        "total": "count",
        "run_days": "days",
        "run_weeks": "count",
        "variants": "count",
        "power": "percent",
        "significance": "percent",
        "four_week_lift": "percent",
        "test_month": "days",
        "daily": "count",
    },
    parts={"choices": "table", "chart": "series"},
)
def experiment_size(_context: ToolContext, args: ExperimentArgs) -> ExperimentPlan:
    """Plan a test of rates: cases per variant, and days it must run (two-sided z-test on Cohen's h, 1988).

    With more than one challenger the accepted false alarm is divided among the comparisons (Bonferroni). Days are
    rounded up to whole weeks, since weekdays differ.
    """
    target = args.baseline_percent * (1 + args.lift_percent / 100)
    if target >= 100:
        raise ToolNeedsMore(f"lift_percent: {args.baseline_percent} % raised by so much is no rate any more")
    per_variant = _per_variant(args, args.lift_percent)
    days = _days(args, per_variant)
    found = [
        facts.percent("baseline", "Rate today", args.baseline_percent, digits=2),
        facts.percent("target", "Rate to be found", target, digits=2),
        facts.percent("lift", "Relative rise to be found", args.lift_percent),
        facts.count("per_variant", "Cases per variant", per_variant),
        facts.count("total", "Cases in all", per_variant * args.variants),
        facts.span("run_days", "Time it must run, in whole weeks", days, "days"),
        facts.count("run_weeks", "The same in weeks", days // _WEEK),
        facts.count("variants", "Variants", args.variants),
        facts.percent("power", "Chance to find such a rise", args.power_percent),
        facts.percent("significance", "Accepted chance of a false alarm", args.significance_percent),
        facts.count("daily", "Taking part a day", args.visitors_per_day),
        facts.span("test_month", "Four weeks", 4 * _WEEK, "days"),
        *_within_four_weeks(args),
    ]
    rows = [(args.lift_percent * factor, _per_variant(args, args.lift_percent * factor)) for factor in _possible(args)]
    return ExperimentPlan(
        source="input",
        per_variant=per_variant,
        run_days=days,
        facts=found,
        parts={
            "choices": table(
                "What other sizes of effect would need",
                [
                    {"lift": round(lift, 2), "per_variant": n, "total": n * args.variants, "days": _days(args, n)}
                    for lift, n in rows
                ],
                lift=("Relative rise", "percent"),
                per_variant=("Cases per variant", "number"),
                total=("Cases in all", "number"),
                days=("Days", "number"),
            ),
            "chart": line("Cases per variant by the rise to be found", [(f"{lift:g}%", n) for lift, n in rows]),
        },
    )


def _possible(args: ExperimentArgs) -> list[float]:
    return [factor for factor in _LIFTS if args.baseline_percent * (1 + args.lift_percent * factor / 100) < 100]


def _alpha(args: ExperimentArgs) -> float:
    return args.significance_percent / 100 / (args.variants - 1)


def _per_variant(args: ExperimentArgs, lift_percent: float) -> int:
    from statsmodels.stats.power import NormalIndPower  # type: ignore[import-untyped]
    from statsmodels.stats.proportion import proportion_effectsize  # type: ignore[import-untyped]

    share = args.baseline_percent / 100
    effect = proportion_effectsize(share * (1 + lift_percent / 100), share)
    needed = NormalIndPower().solve_power(effect, alpha=_alpha(args), power=args.power_percent / 100)
    return ceil(float(needed))


def _days(args: ExperimentArgs, per_variant: int) -> int:
    return ceil(per_variant * args.variants / args.visitors_per_day / _WEEK) * _WEEK


def _within_four_weeks(args: ExperimentArgs) -> list[Fact]:
    """Give the smallest rise that four weeks could find, where it is a rate at all."""
    from statsmodels.stats.power import NormalIndPower

    cases = args.visitors_per_day * 4 * _WEEK / args.variants
    share = args.baseline_percent / 100
    if cases < 2:
        return []
    effect = float(NormalIndPower().solve_power(None, nobs1=cases, alpha=_alpha(args), power=args.power_percent / 100))
    angle = 2 * asin(sqrt(share)) + effect
    if angle >= pi:
        return []
    rise = 100 * (sin(angle / 2) ** 2 / share - 1)
    return [facts.percent("four_week_lift", "Smallest rise that four weeks can find", rise)]
