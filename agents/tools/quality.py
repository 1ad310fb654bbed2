"""Quality: whether the share of defective units is under control, by a p-chart.

Limits of three standard errors about the mean share, by the size of each sample, and the run of eight on a side of
the centre (Western Electric, 1956; Montgomery, "Introduction to Statistical Quality Control", chapter on p-charts).
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.amounts import Name, Percentage, Row, columns

RUN = 8
"""Samples in a row on a side of the centre that do not come by chance."""
_SIGMAS = 3


class Sample(Row):
    """An inspected lot, the latest at the end."""

    label: Name
    inspected: int = Field(ge=1, le=10_000_000)
    defective: int = Field(ge=0, le=10_000_000)

    @model_validator(mode="after")
    def _defective_at_most(self) -> Self:
        if self.defective > self.inspected:
            raise ValueError("defective cannot exceed inspected")
        return self

    @property
    def share(self) -> float:
        """Defective units in percent."""
        return 100 * self.defective / self.inspected


class QualityArgs(Args):
    """Inspected lots in order of time, and the share that was agreed."""

    samples: list[Sample] = Field(min_length=1, max_length=200, description="Inspected lots, the latest at the end")
    agreed_rate: Percentage | None = Field(None, description="Percent of defective units that was agreed at most")


class Judged(Row):
    """A lot with its limits, in percent."""

    sample: Sample
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Where it lies."""
        if self.sample.share > self.high:
            return "above the limit"
        return "below the limit" if self.sample.share < self.low else "within"


class Quality(ToolResult):
    """The lots in order."""

    samples: list[Judged]
    defect_rate: float


@tool(
    facts={
        "sample_count": "count",
        "inspected_count": "count",
        "defect_count": "count",
        "defect_rate": "percent",
        "latest_rate": "percent",
        "latest_limit": "percent",
        "signal_count": "count",
        "worst_sample": "text",
        "worst_rate": "percent",
        "worst_limit": "percent",
        "good_signal_count": "count",
        "run_above": "count",
        "run_below": "count",
        "run_start": "text",
        "agreed_rate": "percent",
        "excess_rate": "percent",
        "small_count": "count",
        "excess_units": "count",
    },
    parts={"samples": "table", "chart": "series"},
)
def quality_chart(context: ToolContext, args: QualityArgs) -> Quality:  # noqa: ARG001  # every tool takes its run
    """Draw a p-chart of defective shares, and find lots beyond the limits and long runs on a side of the centre."""
    inspected = sum(item.inspected for item in args.samples)
    defective = sum(item.defective for item in args.samples)
    centre = defective / inspected
    judged = [_judged(item, centre) for item in args.samples]
    return Quality(
        source="input",
        samples=judged,
        defect_rate=100 * centre,
        facts=[
            facts.count("sample_count", "Lots", len(judged)),
            facts.count("inspected_count", "Units inspected", inspected),
            facts.count("defect_count", "Defective units", defective),
            facts.percent("defect_rate", "Defective share", 100 * centre, digits=2),
            facts.percent("latest_rate", "Share of the latest lot", judged[-1].sample.share, digits=2),
            facts.percent("latest_limit", "Upper limit of the latest lot", judged[-1].high, digits=2),
            facts.count(
                "small_count", "Lots too small for firm limits", sum(_is_small(i, centre) for i in args.samples)
            ),
            *_signals(judged),
            *_run(args.samples, centre),
            *_agreed(args, defective, inspected),
        ],
        parts={"samples": _table(judged), "chart": _chart(judged)},
    )


def _judged(sample: Sample, centre: float) -> Judged:
    reach = _SIGMAS * math.sqrt(centre * (1 - centre) / sample.inspected)
    return Judged(sample=sample, low=100 * max(centre - reach, 0), high=100 * min(centre + reach, 1))


def _is_small(sample: Sample, centre: float) -> bool:
    """Say whether the normal approximation is poor: fewer than five defective units are to be expected."""
    return sample.inspected * centre < 5


def _signals(judged: list[Judged]) -> list[Fact]:
    above = [item for item in judged if item.sample.share > item.high]
    below = [item for item in judged if item.sample.share < item.low]
    found = [
        facts.count("signal_count", "Lots above the upper limit", len(above)),
        facts.count("good_signal_count", "Lots below the lower limit", len(below)),
    ]
    if above:
        worst = max(above, key=lambda item: item.sample.share - item.high)
        found += [
            facts.text("worst_sample", "Furthest above", worst.sample.label),
            facts.percent("worst_rate", "Defective there", worst.sample.share, digits=2),
            facts.percent("worst_limit", "Upper limit there", worst.high, digits=2),
        ]
    return found


def _run(samples: list[Sample], centre: float) -> list[Fact]:
    """Give the run that the latest lots form on a side of the centre, if it is too long for chance."""
    sides = [
        (item.defective > centre * item.inspected) - (item.defective < centre * item.inspected) for item in samples
    ]
    length = 0
    while length < len(sides) and sides[-1 - length] == sides[-1] != 0:
        length += 1
    if length < RUN:
        return []
    key, label = ("run_above", "above") if sides[-1] > 0 else ("run_below", "below")
    return [
        facts.count(key, f"Latest lots in a row {label} the mean", length),
        facts.text("run_start", "The run began with", samples[-length].label),
    ]


def _agreed(args: QualityArgs, defective: int, inspected: int) -> list[Fact]:
    if args.agreed_rate is None:
        return []
    found = [facts.percent("agreed_rate", "Agreed at most", args.agreed_rate, digits=2)]
    allowed = args.agreed_rate * inspected / 100
    if defective > allowed:
        excess = Decimal(100 * defective) / inspected - args.agreed_rate
        found.append(facts.percent("excess_rate", "Above what was agreed, in points", excess, digits=2))
        found.append(facts.count("excess_units", "Defective units beyond what was agreed", defective - int(allowed)))
    return found


def _table(judged: list[Judged]) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "label": item.sample.label,
            "inspected": item.sample.inspected,
            "defective": item.sample.defective,
            "share": round(item.sample.share, 2),
            "low": round(item.low, 2),
            "high": round(item.high, 2),
            "verdict": item.verdict,
        }
        for item in judged
    ]
    return Table(
        title="Lots with their limits",
        columns=columns(
            label="Lot",
            inspected=("Inspected", "number"),
            defective=("Defective", "number"),
            share=("Share", "percent"),
            low=("Lower limit", "percent"),
            high=("Upper limit", "percent"),
            verdict="Verdict",
        ),
        rows=rows,
    )


def _chart(judged: list[Judged]) -> Series:
    points = [
        Point(x=item.sample.label, y=round(item.sample.share, 3), low=round(item.low, 3), high=round(item.high, 3))
        for item in judged
    ]
    return Series(title="Defective share by lot, with its limits", unit="%", points=points)
