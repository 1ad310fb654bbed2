"""Who comes back: cohorts of members by the week in which their activity began."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Table
from agents.rates import Rate
from agents.tables import line, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from bizosaas_app.gateway import insights
from bizosaas_app.gateway.contracts.insights import CohortsView, ReadDays

_SHOWN_WEEKS: Final = 8
_LEAST_MEMBERS: Final = 5


class RetentionArgs(Args):
    """How far back cohorts may have begun."""

    days: int = Field(90, ge=14, le=366, description="Cohorts that began within so many days")


class Retention(ToolResult):
    """The share of members who were active in each week after their beginning, in percent."""

    curve: list[float]


Cohorts = Mapping[date, Mapping[int, int]]


@tool(
    facts={
        "cohort_count": "count",
        "members": "count",
        "week_one_rate": "percent",
        "week_four_rate": "percent",
        "month_length": "days",
        "two_months_length": "days",
        "week_eight_rate": "percent",
        "steepest_loss": "percent",
        "steepest_week": "count",
        "best_cohort": "date",
        "best_cohort_rate": "percent",
        "worst_cohort": "date",
        "worst_cohort_rate": "percent",
    },
    parts={"cohorts": "table", "curve": "series"},
    permission="view_analytics",
)
async def retention_cohorts(context: ToolContext, args: RetentionArgs) -> Retention:
    """Show which share of the members came back in each week after the week in which their activity began.

    Weeks begin on Monday; the running week is left out, since it is not over. For who may see the company's figures.
    """
    view = await insights.read_cohorts(context.actor, ReadDays(days=args.days))
    return await asyncio.to_thread(_retention, view)


def _retention(view: CohortsView) -> Retention:
    over = view.last - timedelta(days=view.last.weekday())
    cohorts = _whole_weeks(view, over)
    curve = _curve(cohorts, over)
    return Retention(
        source="ledger",
        curve=[rate.percent for rate in curve],
        facts=[
            facts.count("cohort_count", "Cohorts", len(cohorts)),
            facts.count("members", "Members in them", sum(ages[0] for ages in cohorts.values())),
            facts.span("month_length", "Four weeks", 28, "days"),
            facts.span("two_months_length", "Eight weeks", 56, "days"),
            *_stations(curve),
            *_steepest(curve),
            *_extremes(cohorts, over),
        ],
        parts={
            "cohorts": _table(cohorts, over),
            "curve": line(
                "Share of members active by weeks since their beginning",
                [(f"Week {age}", round(rate.percent, 1)) for age, rate in enumerate(curve)],
                "%",
            ),
        },
    )


def _whole_weeks(view: CohortsView, over: date) -> dict[date, dict[int, int]]:
    """Give the cohorts with the weeks that are over; a cohort has its beginning at age 0."""
    cohorts: dict[date, dict[int, int]] = defaultdict(dict)
    for row in view.rows:
        if row.cohort + timedelta(weeks=row.age) < over:
            cohorts[row.cohort][row.age] = row.members
    return dict(cohorts)


def _ages(cohort: date, over: date) -> int:
    """Give how many weeks of a cohort are over."""
    return (over - cohort).days // 7


def _curve(cohorts: Cohorts, over: date) -> list[Rate]:
    """Give the share by age over all cohorts that are old enough, weighted by their sizes."""
    oldest = max((_ages(cohort, over) for cohort in cohorts), default=0)
    return [
        Rate(
            sum(ages.get(age, 0) for cohort, ages in cohorts.items() if age < _ages(cohort, over)),
            sum(ages[0] for cohort, ages in cohorts.items() if age < _ages(cohort, over)),
        )
        for age in range(oldest)
    ]


def _stations(curve: list[Rate]) -> list[Fact]:
    stations = (
        (1, "week_one_rate", "a week"),
        (4, "week_four_rate", "four weeks"),
        (8, "week_eight_rate", "eight weeks"),
    )
    return [
        facts.percent(key, f"Active {label} after their beginning", curve[age].percent)
        for age, key, label in stations
        if age < len(curve)
    ]


def _steepest(curve: list[Rate]) -> list[Fact]:
    losses = [
        (curve[age].percent - curve[age + 1].percent, age + 1) for age in range(min(len(curve) - 1, _SHOWN_WEEKS))
    ]
    loss, week = max(losses, default=(0.0, 0))
    if loss <= 0:
        return []
    return [
        facts.percent("steepest_loss", "Steepest loss from one week to the next, in points", loss),
        facts.count("steepest_week", "Week of that loss", week),
    ]


def _extremes(cohorts: Cohorts, over: date) -> list[Fact]:
    """Compare cohorts a week after they began, where there are several that are not tiny."""
    rated = {
        cohort: Rate(ages.get(1, 0), ages[0])
        for cohort, ages in cohorts.items()
        if _ages(cohort, over) > 1 and ages[0] >= _LEAST_MEMBERS
    }
    if len(rated) < 2:
        return []
    best, worst = (pick(rated, key=lambda cohort: (rated[cohort].percent, rated[cohort].cases)) for pick in (max, min))
    return [
        facts.day("best_cohort", "Week whose beginners came back most", best),
        facts.percent("best_cohort_rate", "Of them, active a week later", rated[best].percent),
        facts.day("worst_cohort", "Week whose beginners came back least", worst),
        facts.percent("worst_cohort_rate", "Of them, active a week later", rated[worst].percent),
    ]


def _table(cohorts: Cohorts, over: date) -> Table:
    rows: list[dict[str, Cell]] = []
    for cohort, ages in sorted(cohorts.items(), reverse=True):
        row: dict[str, Cell] = {"cohort": cohort.isoformat(), "members": ages[0]}
        for age in range(1, min(_ages(cohort, over), _SHOWN_WEEKS + 1)):
            row[f"week_{age}"] = round(Rate(ages.get(age, 0), ages[0]).percent, 1)
        rows.append(row)
    weeks = {f"week_{age}": (f"Week {age}", "percent") for age in range(1, _SHOWN_WEEKS + 1)}
    return table(
        "Members by the week of their beginning",
        rows,
        cohort=("Began in the week of", "date"),
        members=("Members", "number"),
        **weeks,  # type: ignore[arg-type]  # the literals are kinds of cells
    )
