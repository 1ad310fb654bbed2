"""Daily series, given or out of the ledger: what stands out in them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Point, Series
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.kpis import read_ledger

WEEK: Final = 7
_STEADY: Final = 35
"""Weeks over which a weekday keeps its habit: the usual "periodic" choice (Cleveland et al., 1990)."""
_LIMIT: Final = 3.5
"""A modified z-score above it is an outlier (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993)."""
_SCALE: Final = 0.6745
"""The third quartile of the normal distribution: it makes the median deviation comparable to a standard deviation."""
_MEAN_SCALE: Final = 1.253314
"""The same for the mean deviation, which stands in where more than every other residual is the same."""


class Observation(BaseModel):
    """A day and its value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    value: float = Field(allow_inf_nan=False, ge=-1e15, le=1e15)


Given = Annotated[list[Observation], Field(min_length=1, max_length=1500)]


class SeriesArgs(Args):
    """A series by days, or, without one, the ledger's."""

    series: Given | None = Field(None, description="Days with values; the ledger's own figures without it")
    event_type: str | None = Field(None, max_length=100, description="Kind of event of the ledger; all without it")
    measure: Literal["events", "value"] = Field("events", description="What of the ledger is counted")
    days: int = Field(90, ge=14, le=366, description="How many days of the ledger")


class AnomalyScan(ToolResult):
    """The days that stand out."""

    days: list[date]


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was and as it would usually have been; `score` is the modified z-score of the difference."""

    day: date
    value: float
    expected: float
    score: float


@tool(
    facts={
        "observations": "count",
        "needed_days": "days",
        "anomaly_count": "count",
        "peak_count": "count",
        "dip_count": "count",
        "worst_day": "date",
        "worst_value": "number",
        "worst_expected": "number",
        "worst_gap": "number",
        "worst_side": "text",
        "latest_anomaly": "date",
        "usual": "number",
        "method": "text",
    },
    parts={"anomalies": "table", "chart": "series"},
)
async def anomaly_scan(context: ToolContext, args: SeriesArgs) -> AnomalyScan:
    """Find the days that do not fit a daily series, with the weekly rhythm and the trend taken out (robust STL).

    Looks at the given series, else at the ledger: the company's, or the member's own for who sees no more.
    """
    return await asyncio.to_thread(_scan, await observations(context, args), args)


def _scan(observed: Sequence[Observation], args: SeriesArgs) -> AnomalyScan:
    days, method = _examine(observed)
    odd = sorted((day for day in days if abs(day.score) > _LIMIT), key=lambda day: -abs(day.score))
    return AnomalyScan(
        source="input" if args.series is not None else "ledger",
        days=[day.day for day in odd],
        facts=[*_facts(days, odd), facts.text("method", "How it was found", method)],
        parts={
            "anomalies": table(
                "Days that stand out, the strangest at the top",
                [
                    {
                        "day": day.day.isoformat(),
                        "value": day.value,
                        "expected": round(day.expected, 2),
                        "score": round(day.score, 1),
                    }
                    for day in odd
                ],
                day=("Day", "date"),
                value=("Value", "number"),
                expected=("Usual for such a day", "number"),
                score=("Modified z-score", "number"),
            ),
            "chart": _chart(days),
        },
    )


async def observations(context: ToolContext, args: SeriesArgs) -> list[Observation]:
    """Give the series by rising days without gaps: the ledger's quiet days are zeros.

    Raises `ToolNeedsMore` for a given series with a day that comes again or with gaps.
    """
    if args.series is None:
        return await _from_ledger(context, args)
    ordered = sorted(args.series, key=lambda item: item.day)
    for one, other in pairwise(ordered):
        if other.day == one.day:
            raise ToolNeedsMore(f"series: {one.day} is there more than once")
        if other.day != one.day + timedelta(days=1):
            raise ToolNeedsMore(
                f"series: the days between {one.day} and {other.day} are missing; give each day a value"
            )
    return ordered


async def _from_ledger(context: ToolContext, args: SeriesArgs) -> list[Observation]:
    view, _ = await read_ledger(context, args.days)
    # Today is not over: half a day would look like a bad one.
    by_day = {view.first + timedelta(days=number): 0.0 for number in range((view.last - view.first).days)}
    for row in view.rows:
        if row.day in by_day and args.event_type in (None, row.type):
            by_day[row.day] += row.events if args.measure == "events" else float(row.value)
    return [Observation(day=day, value=value) for day, value in by_day.items()]


def _examine(observed: Sequence[Observation]) -> tuple[list[Day], str]:
    """Give each day with its usual value: trend and weekday by STL from four weeks on, else the median."""
    import numpy as np
    import pandas as pd
    from statsmodels.tsa.seasonal import STL  # type: ignore[import-untyped]

    values = np.array([item.value for item in observed])
    if len(values) >= 4 * WEEK:
        # Wide windows: with narrow ones the seasonal part follows the noise, and the rest looks smaller than it is.
        parts = STL(pd.Series(values), period=WEEK, seasonal=_STEADY, trend=3 * WEEK, robust=True).fit()
        expected, method = np.asarray(parts.trend + parts.seasonal), "trend and weekday by robust STL"
    else:
        expected, method = np.full(len(values), np.median(values)), "distance from the median"
    rest = values - expected
    spread = float(np.median(np.abs(rest - np.median(rest)))) / _SCALE
    if spread < 1e-9 * (1 + float(np.max(np.abs(values)))):
        spread = float(np.mean(np.abs(rest - np.median(rest)))) * _MEAN_SCALE
    scores = (rest - np.median(rest)) / spread if spread > 1e-12 else np.zeros(len(values))
    days = [
        Day(item.day, item.value, float(usual), float(score))
        for item, usual, score in zip(observed, expected, scores, strict=True)
    ]
    return days, method


def _facts(days: Sequence[Day], odd: Sequence[Day]) -> list[Fact]:
    import numpy as np

    found = [
        facts.count("observations", "Days looked at", len(days)),
        facts.span("needed_days", "Days from which on weekdays can be told apart", 4 * WEEK, "days"),
        facts.number("usual", "Usual value of a day (median)", float(np.median([day.value for day in days]))),
        facts.count("anomaly_count", "Days that stand out", len(odd)),
        facts.count("peak_count", "Of them higher than usual", sum(day.score > 0 for day in odd)),
        facts.count("dip_count", "Of them lower than usual", sum(day.score < 0 for day in odd)),
    ]
    if odd:
        worst = odd[0]
        found += [
            facts.day("worst_day", "Day that stands out most", worst.day),
            facts.number("worst_value", "Its value", worst.value),
            facts.number("worst_expected", "Usual for such a day", max(worst.expected, 0.0), digits=1),
            facts.number("worst_gap", "Distance from the usual", abs(worst.value - worst.expected), digits=1),
            facts.text("worst_side", "Which side of the usual", "above" if worst.score > 0 else "below"),
            facts.day("latest_anomaly", "Latest day that stands out", max(day.day for day in odd)),
        ]
    return found


def _chart(days: Sequence[Day]) -> Series:
    """Draw each day with the band outside of which it would stand out."""
    gaps = [abs(day.value - day.expected) / abs(day.score) for day in days if abs(day.score) > 1e-6]
    reach = _LIMIT * sorted(gaps)[len(gaps) // 2] if gaps else 0.0
    points = [
        Point(x=day.day.isoformat(), y=day.value, low=day.expected - reach, high=day.expected + reach) for day in days
    ]
    return Series(title="The series, and the band of what is usual", form="line", points=points[-1000:])
