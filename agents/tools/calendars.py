"""Editorial calendars: which theme comes out on which day, within what the team can write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated, Final, Literal

from babel.dates import format_date
from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.tables import Heading, Row, bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.layout import checklist

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Idea = Annotated[str, Field(min_length=1, max_length=200)]


class Theme(BaseModel):
    """A theme with its weight, and ideas for it in the order in which they are to come out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    weight: int = Field(1, ge=1, le=100, description="Its part of the calendar, as against the other themes")
    ideas: list[Idea] = Field(default_factory=list, max_length=100)


class CalendarArgs(Args):
    """Cadence, themes and what the team can write."""

    themes: list[Theme] = Field(min_length=1, max_length=20)
    start_on: date | None = Field(None, description="The front day of the plan; today without it")
    weeks: int = Field(4, ge=1, le=26)
    weekdays: list[Weekday] = Field(
        default=["tue", "thu"], min_length=1, max_length=7, description="Days on which to publish"
    )
    hours_per_piece: float = Field(4, gt=0, le=80, description="Hours that a piece takes from idea to publication")
    hours_per_week: float = Field(16, gt=0, le=400, description="Hours that the team has in a week")
    blocked: list[date] = Field(default_factory=list, max_length=100, description="Days on which nothing comes out")
    lead_days: int = Field(3, ge=0, le=60, description="Days before publication on which a draft is due")


class Calendar(ToolResult):
    """The days on which something comes out."""

    days: list[date]


@tool(
    facts={
        "slot_count": "count",
        "week_count": "count",
        "wanted_count": "count",
        "over_count": "count",
        "blocked_count": "count",
        "hours_needed": "hours",
        "hours_available": "hours",
        "load_share": "percent",
        "fits_per_week": "count",
        "first_day": "date",
        "last_day": "date",
        "top_theme": "text",
        "top_theme_count": "count",
        "idea_count": "count",
        "without_idea_count": "count",
        "hungry_theme": "text",
    },
    parts={"calendar": "table", "chart": "series", "to_do": "checklist"},
)
def editorial_calendar(context: ToolContext, args: CalendarArgs) -> Calendar:
    """Lay out an editorial calendar: days by cadence, themes by weight, no week beyond the team's hours."""
    names = [theme.name for theme in args.themes]
    if len(set(names)) < len(names):
        raise ToolNeedsMore("themes: a name stands in them more than once")
    start = args.start_on or context.now.date()
    wanted, blocked = _days(args, start)
    per_week = int(args.hours_per_week / args.hours_per_piece + 1e-9)
    days = _within_capacity(wanted, start, per_week)
    if not days:
        raise ToolNeedsMore("hours_per_week: not a single piece fits into a week, or every day is blocked")
    plan = list(zip(days, _themes(args.themes, len(days)), strict=True))
    ideas = {theme.name: iter(theme.ideas) for theme in args.themes}
    rows = [_row(day, theme, next(ideas[theme.name], ""), args) for day, theme in plan]
    counts = Counter(theme.name for _, theme in plan)
    lacking = Counter({theme.name: max(counts[theme.name] - len(theme.ideas), 0) for theme in args.themes})
    top, top_count = counts.most_common(1)[0]
    needed, available = len(days) * args.hours_per_piece, args.weeks * args.hours_per_week
    made = [
        facts.count("slot_count", "Pieces", len(days)),
        facts.count("week_count", "Weeks", args.weeks),
        facts.count("wanted_count", "Pieces that the cadence asks for", len(wanted)),
        facts.count("over_count", "Pieces beyond the team's hours", len(wanted) - len(days)),
        facts.count("blocked_count", "Days that are blocked", blocked),
        facts.span("hours_needed", "Hours that the plan takes", needed, "hours", digits=1),
        facts.span("hours_available", "Hours that the team has", available, "hours", digits=1),
        facts.percent("load_share", "Share of the hours that the plan takes", needed / available * 100, digits=0),
        facts.count("fits_per_week", "Pieces that fit into a week", per_week),
        facts.day("first_day", "Front day", days[0]),
        facts.day("last_day", "Last day", days[-1]),
        facts.text("top_theme", "Theme with the most pieces", top),
        facts.count("top_theme_count", "Its pieces", top_count),
        facts.count("idea_count", "Pieces with an idea", len(days) - lacking.total()),
        facts.count("without_idea_count", "Pieces without an idea", lacking.total()),
    ]
    if lacking.total():
        made.append(facts.text("hungry_theme", "Theme that lacks most ideas", lacking.most_common(1)[0][0]))
    return Calendar(
        source="input",
        days=days,
        facts=made,
        parts={
            "calendar": table("Calendar", rows, currency=None, **_COLUMNS),
            "chart": bars("Pieces by theme", [(name, counts[name]) for name in names], "pieces"),
            "to_do": checklist("Ideas to find", [_need(name, count) for name, count in lacking.most_common() if count]),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "day": ("Comes out", "date"),
    "weekday": "Day",
    "theme": "Theme",
    "idea": "Idea",
    "draft_due": ("Draft due", "date"),
}


def _days(args: CalendarArgs, start: date) -> tuple[list[date], int]:
    """Give the days of the cadence that are free, and how many are blocked."""
    wanted = [start + timedelta(days=offset) for offset in range(args.weeks * 7)]
    cadence = [day for day in wanted if _DAYS[day.weekday()] in args.weekdays]
    free = [day for day in cadence if day not in args.blocked]
    return free, len(cadence) - len(free)


def _within_capacity(days: Sequence[date], start: date, per_week: int) -> list[date]:
    """Keep as many days of each week of the plan as the team can fill, spread over the week."""
    weeks: dict[int, list[date]] = {}
    for day in days:
        weeks.setdefault((day - start).days // 7, []).append(day)
    return [day for week in weeks.values() for day in _spread(week, per_week)]


def _spread(days: list[date], most: int) -> list[date]:
    if len(days) <= most:
        return days
    return [days[place * len(days) // most] for place in range(most)]


def _themes(themes: Sequence[Theme], count: int) -> Iterator[Theme]:
    """Give themes by smooth weighted round robin: after each round every theme has had its weight, evenly spread."""
    credit = dict.fromkeys((theme.name for theme in themes), 0)
    total = sum(theme.weight for theme in themes)
    for _ in range(count):
        for theme in themes:
            credit[theme.name] += theme.weight
        # The earlier theme of the list comes before its equals.
        chosen = max(themes, key=lambda theme: credit[theme.name])
        credit[chosen.name] -= total
        yield chosen


def _row(day: date, theme: Theme, idea: str, args: CalendarArgs) -> Row:
    return {
        "day": day.isoformat(),
        "weekday": format_date(day, "EEEE", locale=facts.LOCALE),
        "theme": theme.name,
        "idea": idea or "(open)",
        "draft_due": (day - timedelta(days=args.lead_days)).isoformat(),
    }


def _need(name: str, count: int) -> tuple[str, str]:
    return f"Find ideas for {name}", f"Pieces without an idea: {count}"
