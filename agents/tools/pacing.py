"""Pacing: whether campaigns spend as planned, and where the period will end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series, Table
from agents.tooling import ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.amounts import Amount, MoneyArgs, Name, Percentage, Row, cents, columns, total

RECENT_DAYS: Final = 7
"""Days whose pace is carried forward: a whole week, so that weekdays do not bias it."""


class CampaignBudget(Row):
    """A campaign's budget of the period."""

    campaign: Name
    budget: Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]


class DaySpend(Row):
    """What a campaign spent on a day."""

    campaign: Name
    day: date
    spend: Amount


class PacingArgs(MoneyArgs):
    """The plan of a period, and the spend so far."""

    start: date = Field(description="Earliest day of the period")
    end: date = Field(description="Last day of the period")
    as_of: date | None = Field(None, description="Last whole day of the figures; yesterday without it")
    budgets: list[CampaignBudget] = Field(min_length=1, max_length=100, description="Budget by campaign")
    spend: list[DaySpend] = Field(max_length=5000, description="Spend by campaign and day")
    tolerance: Percentage = Field(Decimal(5), description="Percent off the budget at the end that is let pass")


class Pace(Row):
    """A campaign's pace; `planned` is what an even spend would have used by now."""

    campaign: str
    budget: Decimal
    spent: Decimal
    planned: Decimal
    daily_now: Decimal
    projected: Decimal

    @property
    def off_by(self) -> Decimal:
        """Above zero: over the budget at the end."""
        return self.projected - self.budget


class Pacing(ToolResult):
    """The campaigns, the furthest off before the others."""

    campaigns: list[Pace]


@tool(
    facts={
        "budget": "money",
        "spent": "money",
        "planned": "money",
        "spent_share": "percent",
        "time_share": "percent",
        "days_left": "days",
        "daily_now": "money",
        "daily_needed": "money",
        "projected": "money",
        "over_by": "money",
        "under_by": "money",
        "off_share": "percent",
        "runs_out_on": "date",
        "over_count": "count",
        "under_count": "count",
        "campaign_count": "count",
        "worst_campaign": "text",
        "worst_over": "money",
        "worst_under": "money",
        "worst_daily": "money",
        "tolerance": "percent",
    },
    parts={"campaigns": "table", "chart": "series"},
)
def ad_pacing(context: ToolContext, args: PacingArgs) -> Pacing:
    """Compare spend to date with an even plan, project the period's end from the last week, give the needed pace."""
    as_of = args.as_of or context.now.date() - timedelta(days=1)
    if args.end < args.start:
        raise ToolNeedsMore("end: it is before the start")
    if not args.start <= as_of <= args.end:
        raise ToolNeedsMore("as_of: it is outside the period from start to end")
    known = {item.campaign for item in args.budgets}
    if len(known) < len(args.budgets):
        raise ToolNeedsMore("budgets: a campaign is given again")
    if unknown := [item.campaign for item in args.spend if item.campaign not in known]:
        raise ToolNeedsMore(f"spend: {unknown[0]} has no budget")
    by_day = _by_day(args.spend, args.start, as_of)
    days, passed = (args.end - args.start).days + 1, (as_of - args.start).days + 1
    paces = [_pace(item, by_day[item.campaign], as_of, passed, days) for item in args.budgets]
    paces.sort(key=lambda pace: (-abs(pace.off_by), pace.campaign))
    currency = args.currency_in(context)
    return Pacing(
        source="input",
        campaigns=paces,
        facts=[
            *_whole(paces, as_of, days, passed, currency),
            *_off(paces, args.tolerance, days - passed, currency),
        ],
        parts={"campaigns": _table(paces, currency), "chart": _chart(by_day, args.start, passed, currency)},
    )


ByDay = Mapping[str, Mapping[date, Decimal]]


def _by_day(rows: Sequence[DaySpend], start: date, as_of: date) -> ByDay:
    found: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        if start <= row.day <= as_of:
            found[row.campaign][row.day] += row.spend
    return found


def _pace(plan: CampaignBudget, by_day: Mapping[date, Decimal], as_of: date, passed: int, days: int) -> Pace:
    spent = total(by_day.values())
    recent = min(RECENT_DAYS, passed)
    daily = total(by_day.get(as_of - timedelta(days=back), Decimal(0)) for back in range(recent)) / recent
    return Pace(
        campaign=plan.campaign,
        budget=plan.budget,
        spent=spent,
        planned=cents(plan.budget * passed / days),
        daily_now=cents(daily),
        projected=cents(spent + daily * (days - passed)),
    )


def _whole(paces: Sequence[Pace], as_of: date, days: int, passed: int, currency: str) -> list[Fact]:
    budget, spent = total(p.budget for p in paces), total(p.spent for p in paces)
    projected, daily = total(p.projected for p in paces), total(p.daily_now for p in paces)
    left = days - passed
    found = [
        facts.money("budget", "Budget", budget, currency),
        facts.money("spent", "Spent so far", spent, currency),
        facts.money("planned", "Planned so far", total(p.planned for p in paces), currency),
        facts.percent("spent_share", "Of the budget spent", spent / budget * 100),
        facts.percent("time_share", "Of the period passed", Decimal(100 * passed) / days),
        facts.span("days_left", "Days left", left, "days"),
        facts.money("daily_now", "A day, of late", daily, currency),
        facts.money("projected", "At this pace, by the end", projected, currency),
        facts.percent("off_share", "Off the budget at the end", abs(projected - budget) / budget * 100),
    ]
    if left and spent < budget:
        found.append(facts.money("daily_needed", "A day, to end on budget", (budget - spent) / left, currency))
    if projected > budget:
        found.append(facts.money("over_by", "Over the budget at the end", projected - budget, currency))
        if daily and spent < budget:
            lasts = int((budget - spent) / daily)
            found.append(facts.day("runs_out_on", "The budget is used up on", as_of + timedelta(days=lasts + 1)))
    if projected < budget:
        found.append(facts.money("under_by", "Left over at the end", budget - projected, currency))
    return found


def _off(paces: Sequence[Pace], tolerance: Decimal, left: int, currency: str) -> list[Fact]:
    over = [pace for pace in paces if pace.off_by > pace.budget * tolerance / 100]
    under = [pace for pace in paces if -pace.off_by > pace.budget * tolerance / 100]
    found = [
        facts.count("campaign_count", "Campaigns", len(paces)),
        facts.percent("tolerance", "Let pass", tolerance),
        facts.count("over_count", "Campaigns that will overspend", len(over)),
        facts.count("under_count", "Campaigns that will underspend", len(under)),
    ]
    if over or under:
        worst = next(pace for pace in paces if pace in over or pace in under)
        found.append(facts.text("worst_campaign", "Furthest off", worst.campaign))
        key = "worst_over" if worst.off_by > 0 else "worst_under"
        found.append(facts.money(key, "Off by, at the end", abs(worst.off_by), currency))
        if left and worst.spent < worst.budget:
            daily = (worst.budget - worst.spent) / left
            found.append(facts.money("worst_daily", "A day there, to end on budget", daily, currency))
    return found


def _table(paces: Sequence[Pace], currency: str) -> Table:
    rows: list[dict[str, Cell]] = [
        {
            "campaign": pace.campaign,
            "budget": pace.budget,
            "spent": pace.spent,
            "planned": pace.planned,
            "daily": pace.daily_now,
            "projected": pace.projected,
            "off": pace.off_by,
        }
        for pace in paces
    ]
    return Table(
        title="Campaigns, the furthest off before the others",
        columns=columns(
            campaign="Campaign",
            budget=("Budget", "money"),
            spent=("Spent", "money"),
            planned=("Planned so far", "money"),
            daily=("A day, of late", "money"),
            projected=("Projected end", "money"),
            off=("Over or under", "money"),
        ),
        rows=rows,
        currency=currency,
    )


def _chart(by_day: ByDay, start: date, passed: int, currency: str) -> Series:
    points, spent = [], Decimal(0)
    for day in (start + timedelta(days=number) for number in range(min(passed, 1000))):
        spent += total(amounts.get(day, Decimal(0)) for amounts in by_day.values())
        points.append(Point(x=day.isoformat(), y=float(spent)))
    return Series(title="Spend to date", unit=currency, points=points)
