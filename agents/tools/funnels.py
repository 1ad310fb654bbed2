"""Funnels: where people are lost on the way, and what mending it would bring."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.rates import Rate
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from bizosaas_app.gateway import analytics
from bizosaas_app.gateway.contracts.analytics import ReadAnalytics


class Stage(BaseModel):
    """A stage, and how many reached it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    count: int = Field(ge=0, le=10**12)
    usual_percent: float | None = Field(
        None, gt=0, le=100, description="Share that usually comes here from the stage before"
    )


class FunnelArgs(Args):
    """The stages in order, or, without them, the company's referral funnel of the last 30 days."""

    stages: Annotated[list[Stage], Field(min_length=2, max_length=20)] | None = Field(
        None, description="Stages in order; the referral funnel of the ledger without them"
    )


class Funnel(ToolResult):
    """The stages as they were looked at."""

    stages: list[Stage]


@tool(
    facts={
        "start": "text",
        "end": "text",
        "start_count": "count",
        "end_count": "count",
        "overall_rate": "percent",
        "worst_from": "text",
        "worst_to": "text",
        "worst_rate": "percent",
        "worst_low": "percent",
        "worst_high": "percent",
        "worst_lost": "count",
        "worst_cases": "count",
        "repair_rate": "percent",
        "repair_gain": "count",
        "dry_stage": "text",
    },
    parts={"steps": "table", "chart": "series"},
)
async def funnel_diagnosis(context: ToolContext, args: FunnelArgs) -> Funnel:
    """Find the weakest step of a funnel, and how much more would come out at its end if that step were mended.

    A step is held against its own usual rate where one is given, else against the typical rate of the other steps.
    Without stages it reads the company's referral funnel (click, conversion, approval; clicks are held against
    the product's target rate), for which one needs the right to see the company's figures.
    """
    stages = list(args.stages) if args.stages is not None else await _referrals(context)
    if stages[0].count == 0 and args.stages is not None:
        raise ToolNeedsMore("stages: nobody reached the stage at the top, so there is no way to follow")
    steps = [Rate(after.count, before.count) for before, after in pairwise(stages)]
    return Funnel(
        source="input" if args.stages is not None else "ledger",
        stages=stages,
        facts=[*_overall(stages), *_worst(stages, steps)],
        parts={
            "steps": table(
                "Step by step",
                [
                    {
                        "stage": stage.name,
                        "count": stage.count,
                        "rate": None if step is None or not step.cases else round(step.percent, 1),
                        "lost": None if step is None else max(step.cases - step.hits, 0),
                        "overall": round(Rate(stage.count, stages[0].count).percent, 1),
                    }
                    for stage, step in zip(stages, [None, *steps], strict=True)
                ],
                stage="Stage",
                count=("Reached", "number"),
                rate=("From the stage before", "percent"),
                lost=("Lost there", "number"),
                overall=("Of all who began", "percent"),
            ),
            "chart": bars("How many reached each stage", [(stage.name, stage.count) for stage in stages]),
        },
    )


async def _referrals(context: ToolContext) -> list[Stage]:
    view = await analytics.read_analytics(context.actor, ReadAnalytics(tenant_id=context.actor.tenant_id))
    counts = view.counts
    return [
        Stage(name="Referral click", count=counts.clicks),
        Stage(name="Conversion", count=counts.conversions, usual_percent=100 * view.targets.conversion_rate),
        Stage(name="Approved conversion", count=counts.approved),
    ]


def _overall(stages: Sequence[Stage]) -> list[Fact]:
    whole = Rate(stages[-1].count, stages[0].count)
    found = [
        facts.text("start", "Where it begins", stages[0].name),
        facts.text("end", "Where it ends", stages[-1].name),
        facts.count("start_count", "Began", whole.cases),
        facts.count("end_count", "Reached the end", whole.hits),
    ]
    if whole.cases:
        found.append(facts.percent("overall_rate", "Reached the end of all who began", whole.percent, digits=2))
    dry = next((stage for stage in stages if not stage.count), None)
    if dry is not None:
        found.append(facts.text("dry_stage", "Stage that nobody reached", dry.name))
    return found


def _worst(stages: Sequence[Stage], steps: Sequence[Rate]) -> list[Fact]:
    """Find the step that lies furthest below its target, as a quotient: that is what mending multiplies the end by."""
    known = [number for number, step in enumerate(steps) if step.cases]
    if not known:
        return []
    targets = {number: _target(number, stages, steps, known) for number in known}
    worst = min(known, key=lambda number: (steps[number].percent / targets[number], number))
    step, target = steps[worst], targets[worst]
    low, high = step.bounds if step.hits <= step.cases else (step.percent, step.percent)
    found = [
        facts.text("worst_from", "Weakest step begins at", stages[worst].name),
        facts.text("worst_to", "and ends at", stages[worst + 1].name),
        facts.percent("worst_rate", "Rate of the weakest step", step.percent),
        facts.percent("worst_low", "At least, by the number of cases", low),
        facts.percent("worst_high", "At most, by the number of cases", high),
        facts.count("worst_lost", "Lost at the weakest step", max(step.cases - step.hits, 0)),
        facts.count("worst_cases", "Cases at the weakest step", step.cases),
    ]
    if step.hits and target > step.percent:
        gain = stages[-1].count * (target / step.percent - 1)
        found += [
            facts.percent("repair_rate", "Rate to aim at", target),
            facts.count("repair_gain", "More at the end if that is reached", round(gain)),
        ]
    return found


def _target(number: int, stages: Sequence[Stage], steps: Sequence[Rate], known: Sequence[int]) -> float:
    """Give a step's own usual rate, else the median of the other steps, else its own."""
    from statistics import median

    usual = stages[number + 1].usual_percent
    if usual is not None:
        return usual
    others = [min(steps[other].percent, 100.0) for other in known if other != number]
    return median(others) if others and median(others) > 0 else max(steps[number].percent, 1e-9)
