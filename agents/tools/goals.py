"""Goals: what the coming weeks can bear, from the trend of the company's own ledger (or of a given series).

Whole weeks are summed; a straight line by least squares gives the sum of the coming weeks with its prediction interval,
t * s * sqrt(k + x' (X'X)^-1 x), where x sums the rows of the k weeks ahead (Draper and Smith: Applied Regression
Analysis, ch. 3). The middle is a goal within reach, the upper bound a stretch, the lower bound the least to count on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series
from agents.tables import table
from agents.tooling import ToolContext, ToolResult, tool
from agents.tools.forms import probability, things
from agents.tools.kpis import in_words
from agents.tools.series import Observation, SeriesArgs, observations

_WEEK: Final = 7
_LEAST: Final = 6
"""Weeks with a trend to speak of; with fewer the band would be wider than any goal."""
_CONFIDENCE: Final = 0.8


class GoalArgs(SeriesArgs):
    """The series to look at, and for how many weeks the goal stands."""

    days: int = Field(127, ge=14, le=366, description="How many days of the ledger; today is not over and not counted")
    weeks_ahead: int = Field(4, ge=1, le=13, description="Weeks that the goal is for")


class GoalProposal(ToolResult):
    """The goals as whole numbers; None where the weeks do not suffice."""

    reach: int | None
    stretch: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The sum of the weeks ahead with its band, the change from week to week, and that change's chance by luck."""

    expected: float
    low: float
    high: float
    slope: float
    chance: float
    weekly: list[tuple[float, float, float]]
    """Each week: expected, low, high."""


@tool(
    facts={
        "what": "text",
        "weeks_read": "count",
        "active_weeks": "count",
        "needed_weeks": "count",
        "weeks_ahead": "count",
        "recent_total": "number",
        "expected_total": "number",
        "floor_goal": "number",
        "reach_goal": "number",
        "stretch_goal": "number",
        "reach_per_week": "number",
        "trend_per_week": "number",
        "trend_size": "number",
        "trend_chance": "percent",
        "goal_change": "percent",
        "best_week": "date",
        "best_week_total": "number",
    },
    parts={"goals": "table", "outlook": "series"},
)
async def goal_proposal(context: ToolContext, args: GoalArgs) -> GoalProposal:
    """Propose goals for the coming weeks from the trend of the ledger's (or given) weekly sums, with a band."""
    return await asyncio.to_thread(_propose, await observations(context, args), args)


def _propose(observed: Sequence[Observation], args: GoalArgs) -> GoalProposal:
    weeks = whole_weeks(observed)
    totals = _since_start([total for _, total in weeks])
    made: list[Fact] = [
        facts.text("what", "What is counted", in_words(args.event_type) if args.event_type else args.measure),
        things("weeks_read", "Weeks read", len(weeks), "week"),
        things("active_weeks", "Weeks with activity", sum(total > 0 for total in totals), "week"),
        things("needed_weeks", "Weeks needed for a trend", _LEAST, "week"),
        things("weeks_ahead", "Weeks ahead", args.weeks_ahead, "week"),
    ]
    past = [Point(x=monday.isoformat(), y=total) for monday, total in weeks]
    if len(totals) < _LEAST:
        chart = Series(title="Sum of each week", unit=args.measure, points=past)
        source = "input" if args.series is not None else "ledger"
        return GoalProposal(source=source, reach=None, stretch=None, facts=made, parts={"outlook": chart})
    outlook = look_ahead(totals, args.weeks_ahead)
    begins = [weeks[-1][0] + timedelta(days=_WEEK * n) for n in range(1, args.weeks_ahead + 1)]
    ahead = [
        Point(x=begin.isoformat(), y=round(y, 2), low=round(low, 2), high=round(high, 2))
        for begin, (y, low, high) in zip(begins, outlook.weekly, strict=True)
    ]
    reach, stretch, floor = round(outlook.expected), round(outlook.high), round(outlook.low)
    return GoalProposal(
        source="input" if args.series is not None else "ledger",
        reach=reach,
        stretch=stretch,
        facts=[*made, *_facts(weeks, totals, outlook, args.weeks_ahead)],
        parts={
            "goals": table(
                "Goals for the weeks ahead",
                [
                    _goal("Count on", floor, args.weeks_ahead, "the lower end of the 80% band"),
                    _goal("Within reach", reach, args.weeks_ahead, "the trend goes on as it is"),
                    _goal("Stretch", stretch, args.weeks_ahead, "the upper end of the 80% band"),
                ],
                goal="Goal",
                total=("In all", "number"),
                week=("Each week", "number"),
                meaning="Meaning",
            ),
            "outlook": Series(
                title="Sum of each week, and the weeks ahead with their 80% band",
                unit=args.measure,
                points=past + ahead,
            ),
        },
    )


def whole_weeks(observed: Sequence[Observation]) -> list[tuple[date, float]]:
    """Give the sums of the weeks that end with the last day; days before the first whole week are left out."""
    count = len(observed) // _WEEK
    kept = observed[len(observed) - count * _WEEK :]
    return [(kept[n * _WEEK].day, sum(item.value for item in kept[n * _WEEK : (n + 1) * _WEEK])) for n in range(count)]


def look_ahead(totals: Sequence[float], weeks: int) -> Outlook:
    """Continue the line through weekly sums; nothing falls below zero when nothing was."""
    import numpy as np
    from scipy import stats

    steps = np.arange(len(totals), dtype=float)
    line = stats.linregress(steps, np.asarray(totals, dtype=float))
    design = np.column_stack([np.ones_like(steps), steps])
    residuals = np.asarray(totals) - (line.intercept + line.slope * steps)
    deviation = float(np.sqrt((residuals**2).sum() / (len(totals) - 2)))
    inverse = np.linalg.inv(design.T @ design)
    quantile = float(stats.t.ppf((1 + _CONFIDENCE) / 2, len(totals) - 2))
    floor = 0.0 if min(totals) >= 0 else float("-inf")

    def band(rows: Sequence[Sequence[float]]) -> tuple[float, float, float]:
        total = np.asarray(rows).sum(axis=0)
        middle = float(total @ np.array([line.intercept, line.slope]))
        reach = quantile * deviation * float(np.sqrt(len(rows) + total @ inverse @ total))
        return max(middle, floor), max(middle - reach, floor), max(middle + reach, floor)

    future = [[1.0, float(len(totals) + n)] for n in range(weeks)]
    expected, low, high = band(future)
    chance = 1.0 if np.isnan(line.pvalue) else float(line.pvalue)
    return Outlook(expected, low, high, float(line.slope), chance, [band([row]) for row in future])


def _since_start(totals: list[float]) -> list[float]:
    """Leave out the empty weeks before anything happened: they are no trend."""
    start = next((number for number, total in enumerate(totals) if total), len(totals))
    return totals[start:]


def _facts(weeks: list[tuple[date, float]], totals: list[float], outlook: Outlook, ahead: int) -> list[Fact]:
    recent = sum(totals[-ahead:])
    best = max(weeks, key=lambda item: item[1])
    made = [
        facts.number("expected_total", "Expected in all", outlook.expected, digits=0),
        facts.number("floor_goal", "Count on", outlook.low, digits=0),
        facts.number("reach_goal", "Goal within reach", outlook.expected, digits=0),
        facts.number("stretch_goal", "Stretch goal", outlook.high, digits=0),
        facts.number("reach_per_week", "The goal within reach, each week", outlook.expected / ahead, digits=0),
        facts.number("trend_per_week", "Change from week to week", outlook.slope, digits=1),
        facts.number("trend_size", "Size of that change", abs(outlook.slope), digits=1),
        probability("trend_chance", "Probability of such a trend by chance", outlook.chance),
        facts.day("best_week", "Best week, from", best[0]),
        facts.number("best_week_total", "Its sum", best[1], digits=0),
    ]
    if len(totals) >= ahead:
        made.append(facts.number("recent_total", "In as many weeks before", recent, digits=0))
        if recent > 0:
            change = (outlook.expected / recent - 1) * 100
            made.append(facts.percent("goal_change", "The goal against them", change))
    return made


def _goal(name: str, total: int, weeks: int, meaning: str) -> dict[str, Cell]:
    return {"goal": name, "total": total, "week": round(total / weeks, 1), "meaning": meaning}
