"""Campaign plans: which campaigns of a calendar meet the same people at once, which weeks are too full, which empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Checklist, Item, Point, Series
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.forms import things

_WEEK: Final = timedelta(days=7)
_LONGEST_DAYS: Final = 731


class PlannedCampaign(BaseModel):
    """A campaign from its first day to its last, whom it speaks to, and the work that it takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    starts_on: date
    ends_on: date
    audience: str = Field("everybody", min_length=1, max_length=60)
    channel: str = Field("", max_length=60)
    hours_per_week: float = Field(0, ge=0, le=1000)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("ends_on: lies before starts_on")
        return self


class CampaignPlanArgs(Args):
    """The campaigns, and how many hours of work a week has."""

    campaigns: Annotated[list[PlannedCampaign], Field(min_length=1, max_length=200)]
    capacity_hours: float | None = Field(None, gt=0, le=10_000, description="Hours of work that a week has")
    longest_gap_days: int = Field(14, ge=1, le=180, description="Days without any campaign that are still fine")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        names = [item.name for item in self.campaigns]
        if len(set(names)) < len(names):
            raise ValueError("campaigns: a name is given more than once")
        first, last = min(i.starts_on for i in self.campaigns), max(i.ends_on for i in self.campaigns)
        if (last - first).days > _LONGEST_DAYS:
            raise ValueError("campaigns: they span more than two years")
        return self


class Overlap(BaseModel):
    """Two campaigns that speak to the same people at once."""

    model_config = ConfigDict(frozen=True)

    one: str
    other: str
    audience: str
    starts_on: date
    days: int


class CampaignPlan(ToolResult):
    """What is wrong with the calendar."""

    overlaps: list[Overlap]


@tool(
    facts={
        "campaign_count": "count",
        "first_day": "date",
        "last_day": "date",
        "overlap_count": "count",
        "overlap_one": "text",
        "overlap_other": "text",
        "overlap_audience": "text",
        "overlap_days": "days",
        "peak_week": "date",
        "peak_hours": "hours",
        "mean_hours": "hours",
        "capacity": "hours",
        "full_weeks": "count",
        "peak_over": "hours",
        "gap_count": "count",
        "longest_gap": "days",
        "gap_from": "date",
        "quiet_week": "date",
        "busiest_campaign": "text",
    },
    parts={"weeks": "table", "load": "series", "overlaps": "table", "fixes": "checklist"},
)
def campaign_plan_review(context: ToolContext, args: CampaignPlanArgs) -> CampaignPlan:
    """Check a campaign calendar for overlaps in the same audience, weeks over capacity, and gaps."""
    del context
    overlaps = sorted(_overlaps(args.campaigns), key=lambda item: (-item.days, item.starts_on))
    weeks, gaps = _weeks(args.campaigns), _gaps(args.campaigns, args.longest_gap_days)
    return CampaignPlan(
        source="input",
        overlaps=overlaps,
        facts=_facts(args, overlaps, weeks, gaps),
        parts={
            "weeks": table(
                "The weeks",
                [_week_row(monday, running) for monday, running in weeks],
                week=("Week of", "date"),
                campaigns=("Campaigns", "number"),
                hours=("Hours of work", "number"),
                names="Running",
            ),
            "load": Series(
                title="Hours of work by week",
                unit="hours",
                points=[Point(x=monday.isoformat(), y=_hours(running)) for monday, running in weeks],
            ),
            "overlaps": table(
                "Campaigns that meet the same people",
                [item.model_dump(mode="json") for item in overlaps],
                one="Campaign",
                other="With",
                audience="Audience",
                starts_on=("From", "date"),
                days=("Days", "number"),
            ),
            "fixes": Checklist(title="What to settle", items=list(_fixes(args, overlaps, weeks, gaps))),
        },
    )


Weeks = list[tuple[date, list[PlannedCampaign]]]
Gaps = list[tuple[date, int]]


def _overlaps(campaigns: list[PlannedCampaign]) -> Iterator[Overlap]:
    for one, other in combinations(sorted(campaigns, key=lambda item: (item.starts_on, item.name)), 2):
        first, last = max(one.starts_on, other.starts_on), min(one.ends_on, other.ends_on)
        is_same = one.audience.lower() == other.audience.lower() or "everybody" in (one.audience, other.audience)
        if is_same and first <= last:
            audience = one.audience if one.audience != "everybody" else other.audience
            days = (last - first).days + 1
            yield Overlap(one=one.name, other=other.name, audience=audience, starts_on=first, days=days)


def _weeks(campaigns: list[PlannedCampaign]) -> Weeks:
    first, last = min(item.starts_on for item in campaigns), max(item.ends_on for item in campaigns)
    monday, weeks = first - timedelta(days=first.weekday()), []
    while monday <= last:
        sunday = monday + timedelta(days=6)
        weeks.append((monday, [item for item in campaigns if item.starts_on <= sunday and item.ends_on >= monday]))
        monday += _WEEK
    return weeks


def _gaps(campaigns: list[PlannedCampaign], longest: int) -> Gaps:
    """Give the stretches without a campaign that are longer than is fine: the day on which each begins, its days."""
    gaps: Gaps = []
    reached = min(item.starts_on for item in campaigns)
    for item in sorted(campaigns, key=lambda item: item.starts_on):
        empty = (item.starts_on - reached).days
        if empty > longest:
            gaps.append((reached, empty))
        reached = max(reached, item.ends_on + timedelta(days=1))
    return sorted(gaps, key=lambda gap: -gap[1])


def _hours(running: list[PlannedCampaign]) -> float:
    return sum(item.hours_per_week for item in running)


def _facts(args: CampaignPlanArgs, overlaps: list[Overlap], weeks: Weeks, gaps: Gaps) -> list[Fact]:
    peak = max(weeks, key=lambda item: (_hours(item[1]), len(item[1])))
    longest = max(args.campaigns, key=lambda item: item.hours_per_week * (item.ends_on - item.starts_on).days)
    made = [
        things("campaign_count", "Campaigns", len(args.campaigns), "campaign"),
        facts.day("first_day", "From", min(item.starts_on for item in args.campaigns)),
        facts.day("last_day", "Until", max(item.ends_on for item in args.campaigns)),
        things("overlap_count", "Overlaps in the same audience", len(overlaps), "overlap"),
        facts.day("peak_week", "Fullest week, from", peak[0]),
        facts.span("peak_hours", "Work of that week", _hours(peak[1]), "hours", digits=1),
        facts.span(
            "mean_hours", "Work of a mean week", sum(_hours(i[1]) for i in weeks) / len(weeks), "hours", digits=1
        ),
        things("gap_count", "Gaps", len(gaps), "gap"),
        facts.text("busiest_campaign", "Campaign that takes most work", longest.name),
    ]
    if args.capacity_hours is not None:
        full = [item for item in weeks if _hours(item[1]) > args.capacity_hours]
        made += [
            facts.span("capacity", "Hours that a week has", args.capacity_hours, "hours", digits=1),
            things("full_weeks", "Weeks over capacity", len(full), "week"),
        ]
        if full:
            over = _hours(peak[1]) - args.capacity_hours
            made.append(facts.span("peak_over", "Over capacity by", over, "hours", digits=1))
    if overlaps:
        worst = overlaps[0]
        made += [
            facts.text("overlap_one", "Longest overlap: campaign", worst.one),
            facts.text("overlap_other", "with", worst.other),
            facts.text("overlap_audience", "in the audience", worst.audience),
            facts.span("overlap_days", "for", worst.days, "days"),
        ]
    if gaps:
        made += [
            facts.span("longest_gap", "Longest gap", gaps[0][1], "days"),
            facts.day("gap_from", "It begins on", gaps[0][0]),
        ]
    if empty := [monday for monday, running in weeks if not running]:
        made.append(facts.day("quiet_week", "A week without any campaign, from", empty[0]))
    return made


def _fixes(args: CampaignPlanArgs, overlaps: list[Overlap], weeks: Weeks, gaps: Gaps) -> Iterator[Item]:
    for item in overlaps[:10]:
        yield Item(
            text=f"Separate {item.one} and {item.other}",
            why=f"Both speak to {item.audience} from {item.starts_on.isoformat()} for {item.days} days.",
        )
    for monday, running in weeks:
        if args.capacity_hours is not None and _hours(running) > args.capacity_hours:
            over = _hours(running) - args.capacity_hours
            yield Item(text=f"Relieve the week of {monday.isoformat()}", why=f"It asks for {over:g} hours too many.")
    for begin, days in gaps:
        yield Item(text=f"Fill the gap from {begin.isoformat()}", why=f"Nothing runs for {days} days.")


def _week_row(monday: date, running: list[PlannedCampaign]) -> dict[str, Cell]:
    return {
        "week": monday.isoformat(),
        "campaigns": len(running),
        "hours": _hours(running),
        "names": ", ".join(item.name for item in running[:6]),
    }
