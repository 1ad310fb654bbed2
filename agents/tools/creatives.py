"""Creatives: which advertisements people have seen enough of.

A decline of the click rate over the days is tested with Kendall's tau, which is the trend test of Mann (1945) and
Kendall; its size is Sen's slope (1968), the median of all slopes, so that a single odd day decides nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.amounts import Name, Row, columns

SHORTEST: Final = 7
"""Days from which a trend can be told."""
_SURE, _LIKELY = 0.05, 0.2
"""Chance of such a trend by accident, below which a creative is tired, or is to be watched."""
Status = Literal["tired", "watch", "fresh", "too short"]
_RANK: Final[dict[Status, int]] = {"tired": 0, "watch": 1, "fresh": 2, "too short": 3}


class CreativeDay(Row):
    """A creative's figures of a day; the frequency is how often a person has seen it by then."""

    creative: Name
    day: date
    impressions: int = Field(ge=0, le=10**12)
    clicks: int = Field(ge=0, le=10**12)
    frequency: float | None = Field(None, ge=1, le=1000)

    @model_validator(mode="after")
    def _clicks_at_most(self) -> Self:
        if self.clicks > self.impressions:
            raise ValueError("clicks cannot exceed impressions")
        return self


class FatigueArgs(Args):
    """Days of creatives."""

    days: list[CreativeDay] = Field(min_length=1, max_length=5000, description="Impressions and clicks by day")
    decline_limit: float = Field(20, ge=1, le=90, description="Percent of decline from which a creative is tired")


class Wear(Row):
    """How a creative has held up; click rates in percent, along the trend."""

    creative: str
    status: Status
    days: int
    impressions: int
    rate: float
    start_rate: float | None = None
    end_rate: float | None = None
    p_value: float | None = None
    frequency: float | None = None
    lost_clicks: int = 0

    @property
    def decline(self) -> float | None:
        """Percent by which the click rate has fallen; below zero it has risen."""
        if not self.start_rate or self.end_rate is None:
            return None
        return 100 * (self.start_rate - self.end_rate) / self.start_rate


class Fatigue(ToolResult):
    """The creatives, the most tired before the others."""

    creatives: list[Wear]


@tool(
    facts={
        "creative_count": "count",
        "impression_total": "count",
        "mean_rate": "percent",
        "tired_count": "count",
        "watch_count": "count",
        "fresh_count": "count",
        "short_count": "count",
        "decline_limit": "percent",
        "tired_creative": "text",
        "tired_decline": "percent",
        "tired_start": "percent",
        "tired_end": "percent",
        "tired_frequency": "number",
        "tired_days": "days",
        "lost_clicks": "count",
        "watch_creative": "text",
        "watch_decline": "percent",
        "fresh_creative": "text",
        "fresh_rate": "percent",
    },
    parts={"creatives": "table", "chart": "series"},
)
def creative_fatigue(context: ToolContext, args: FatigueArgs) -> Fatigue:  # noqa: ARG001  # every tool takes its run
    """Test each creative for a falling click rate, and say which are tired, to be watched, or fresh."""
    by_creative: dict[str, list[CreativeDay]] = defaultdict(list)
    for day in args.days:
        if day.impressions:
            by_creative[day.creative].append(day)
    wears = [_wear(name, sorted(days, key=lambda day: day.day), args) for name, days in by_creative.items()]
    wears.sort(key=lambda wear: (_RANK[wear.status], -(wear.decline or 0), wear.creative))
    impressions, clicks = sum(day.impressions for day in args.days), sum(day.clicks for day in args.days)
    states = [wear.status for wear in wears]
    found = [
        facts.count("creative_count", "Creatives", len(wears)),
        facts.count("impression_total", "Impressions", impressions),
        facts.count("tired_count", "Tired", states.count("tired")),
        facts.count("watch_count", "To be watched", states.count("watch")),
        facts.count("fresh_count", "Fresh", states.count("fresh")),
        facts.count("short_count", "With too few days to tell", states.count("too short")),
        facts.percent("decline_limit", "Tired from a decline of", args.decline_limit),
        *_named(wears),
    ]
    if impressions:
        found.append(facts.percent("mean_rate", "Click rate in all", 100 * clicks / impressions, digits=2))
    return Fatigue(
        source="input",
        creatives=wears,
        facts=found,
        parts={"creatives": _table(wears), "chart": _chart(wears, by_creative)},
    )


def _wear(name: str, days: Sequence[CreativeDay], args: FatigueArgs) -> Wear:
    impressions = sum(day.impressions for day in days)
    wear = Wear(
        creative=name,
        status="too short",
        days=len({day.day for day in days}),
        impressions=impressions,
        rate=100 * sum(day.clicks for day in days) / impressions,
        frequency=next((day.frequency for day in reversed(days) if day.frequency is not None), None),
    )
    return wear if wear.days < SHORTEST else _tested(wear, days, args)


def _tested(wear: Wear, days: Sequence[CreativeDay], args: FatigueArgs) -> Wear:
    import numpy as np
    from scipy.stats import kendalltau, theilslopes

    when = np.array([(day.day - days[0].day).days for day in days], dtype=float)
    rates = np.array([100 * day.clicks / day.impressions for day in days])
    if np.ptp(rates) == 0:
        return wear.model_copy(update={"status": "fresh", "start_rate": rates[0].item(), "end_rate": rates[0].item()})
    trend = kendalltau(when, rates)
    slope, intercept = theilslopes(rates, when)[:2]
    start, end = max(float(intercept), 0.0), max(float(intercept + slope * when[-1]), 0.0)
    made = wear.model_copy(update={"start_rate": start, "end_rate": end, "p_value": float(trend.pvalue)})
    falls = float(trend.statistic) < 0 and (made.decline or 0) > 0
    status: Status = "fresh"
    if falls and made.p_value is not None and made.p_value < _SURE and (made.decline or 0) >= args.decline_limit:
        status = "tired"
    elif falls and made.p_value is not None and made.p_value < _LIKELY:
        status = "watch"
    expected = sum(day.impressions for day in days) * start / 100
    lost = max(round(expected - sum(day.clicks for day in days)), 0) if status == "tired" else 0
    return made.model_copy(update={"status": status, "lost_clicks": lost})


def _named(wears: Sequence[Wear]) -> list[Fact]:
    tired = [wear for wear in wears if wear.status == "tired"]
    watched = [wear for wear in wears if wear.status == "watch"]
    fresh = [wear for wear in wears if wear.status == "fresh"]
    found = [facts.count("lost_clicks", "Clicks lost against the rate at the start", sum(w.lost_clicks for w in tired))]
    if tired:
        worst = tired[0]
        found += [
            facts.text("tired_creative", "Most tired", worst.creative),
            facts.percent("tired_decline", "Its click rate has fallen by", worst.decline or 0),
            facts.percent("tired_start", "From", worst.start_rate or 0, digits=2),
            facts.percent("tired_end", "To", worst.end_rate or 0, digits=2),
            facts.span("tired_days", "Over", worst.days, "days"),
        ]
        if worst.frequency is not None:
            found.append(facts.number("tired_frequency", "A person has seen it", worst.frequency, digits=1))
    if watched:
        found.append(facts.text("watch_creative", "To be watched most", watched[0].creative))
        found.append(facts.percent("watch_decline", "Its decline so far", watched[0].decline or 0))
    if fresh:
        best = max(fresh, key=lambda wear: (wear.rate, wear.creative))
        found.append(facts.text("fresh_creative", "Best of the fresh", best.creative))
        found.append(facts.percent("fresh_rate", "Its click rate", best.rate, digits=2))
    return found


def _table(wears: Sequence[Wear]) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "creative": wear.creative,
            "status": wear.status,
            "days": wear.days,
            "impressions": wear.impressions,
            "rate": round(wear.rate, 2),
            "decline": None if wear.decline is None else round(wear.decline, 1),
            "p_value": None if wear.p_value is None else round(wear.p_value, 4),
            "frequency": wear.frequency,
        }
        for wear in wears[:200]
    ]
    return Table(
        title="Creatives, the most tired before the others",
        columns=columns(
            creative="Creative",
            status="Status",
            days=("Days", "number"),
            impressions=("Impressions", "number"),
            rate=("Click rate", "percent"),
            decline=("Decline", "percent"),
            p_value=("Chance", "number"),
            frequency=("Frequency", "number"),
        ),
        rows=rows,
    )


def _chart(wears: Sequence[Wear], by_creative: dict[str, list[CreativeDay]]) -> Series:
    """Draw the click rate by day of the creative that stands at the head."""
    if not wears:
        return Series(title="Click rate by day", unit="%", points=[])
    days = sorted(by_creative[wears[0].creative], key=lambda day: day.day)[-1000:]
    return Series(
        title=f"Click rate by day: {wears[0].creative}",
        unit="%",
        points=[Point(x=day.day.isoformat(), y=round(100 * day.clicks / day.impressions, 3)) for day in days],
    )
