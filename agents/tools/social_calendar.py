"""Social calendar: days and hours for the posts of the coming weeks, without a clash and with the themes in proportion.

A network's posts of a week stand as evenly over its days as they can; networks begin on different days. A slot that
falls on a day off, or too near another post, moves to the nearest free hour of its week; one that finds none is listed.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Checklist, Item
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.content_mix import Share, Theme, fill_up
from agents.tools.forms import local, things
from agents.tools.networks import NETWORKS, NetworkName
from agents.tools.posting_times import WEEKDAYS

_WEEK: Final = 7
Hour = Annotated[int, Field(ge=0, le=23)]
Weekday = Annotated[int, Field(ge=0, le=6)]


class Cadence(BaseModel):
    """How often a network gets a post, and at which hours one may stand, the best first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: NetworkName
    posts_per_week: int = Field(ge=1, le=21)
    hours: Annotated[list[Hour], Field(min_length=1, max_length=24)]


class SocialSlot(BaseModel):
    """A place in the calendar, in the company's own time."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    network: NetworkName
    theme: str


class SocialCalendarArgs(Args):
    """The cadence of each network, the themes, and what stands already."""

    starts_on: date | None = Field(None, description="The first day; tomorrow without it")
    weeks: int = Field(4, ge=1, le=13)
    cadence: Annotated[list[Cadence], Field(min_length=1, max_length=10)]
    themes: Annotated[dict[Theme, Share], Field(min_length=1, max_length=20)] = Field(
        description="Theme -> its weight among the posts"
    )
    days_off: list[date] = Field(default_factory=list, max_length=100)
    weekdays_off: list[Weekday] = Field(default_factory=list, max_length=6, description="Monday is 0")
    planned: list[datetime] = Field(default_factory=list, max_length=500, description="Posts that stand already")
    gap_hours: int = Field(2, ge=0, le=24, description="Least time between posts, whatever their network")


class SocialCalendar(ToolResult):
    """The slots in order of time."""

    slots: list[SocialSlot]


@tool(
    facts={
        "slots_placed": "count",
        "slots_unplaced": "count",
        "weeks": "count",
        "networks": "count",
        "themes": "count",
        "first_day": "date",
        "last_day": "date",
        "busiest_day": "text",
        "busiest_count": "count",
        "moved_count": "count",
        "main_theme": "text",
        "main_theme_count": "count",
        "posts_per_week": "number",
    },
    parts={"calendar": "table", "themes": "series", "unplaced": "checklist"},
)
def social_calendar_plan(context: ToolContext, args: SocialCalendarArgs) -> SocialCalendar:
    """Lay out posting slots for some weeks from each network's cadence and hours, with themes and without clashes."""
    starts_on = args.starts_on or local(context.now, context.timezone).date() + timedelta(days=1)
    taken = [local(moment, context.timezone).replace(tzinfo=None) for moment in args.planned]
    placed: list[tuple[datetime, NetworkName]] = []
    unplaced: list[str] = []
    moved = 0
    for week in range(args.weeks):
        monday = starts_on + timedelta(days=_WEEK * week)
        for number, cadence in enumerate(args.cadence):
            for turn in range(cadence.posts_per_week):
                wanted = (turn * _WEEK // cadence.posts_per_week + number) % _WEEK
                slot = _find(args, monday, wanted, cadence.hours[turn % len(cadence.hours) :] + cadence.hours, taken)
                if slot is None:
                    unplaced.append(f"{NETWORKS[cadence.network].name}, week of {monday.isoformat()}")
                    continue
                moved += slot.date() != monday + timedelta(days=wanted)
                taken.append(slot)
                placed.append((slot, cadence.network))
    slots = _with_themes(sorted(placed), args.themes)
    return SocialCalendar(
        source="input",
        slots=slots,
        facts=_facts(args, slots, len(unplaced), moved),
        parts={
            "calendar": table(
                f"Posts in order of time ({context.timezone})",
                [
                    {
                        "day": slot.at.date().isoformat(),
                        "weekday": WEEKDAYS[slot.at.weekday()],
                        "time": f"{slot.at:%H:%M}",
                        "network": NETWORKS[slot.network].name,
                        "theme": slot.theme,
                    }
                    for slot in slots
                ],
                day=("Day", "date"),
                weekday="Weekday",
                time="Time",
                network="Network",
                theme="Theme",
            ),
            "themes": bars("Posts by theme", [(name, float(n)) for name, n in _themes(slots).items()], "posts"),
            "unplaced": Checklist(
                title="Posts that found no place",
                items=[Item(text=item, why="Every hour is taken or off; add an hour or a day.") for item in unplaced],
            ),
        },
    )


def _find(
    args: SocialCalendarArgs, monday: date, wanted: int, hours: list[int], taken: list[datetime]
) -> datetime | None:
    """Give the free hour nearest to the wanted day of the week that begins on `monday` (any day of the week)."""
    gap = timedelta(hours=args.gap_hours)
    for offset in sorted(range(_WEEK), key=lambda day: (abs(day - wanted), day)):
        day = monday + timedelta(days=offset)
        if day in args.days_off or day.weekday() in args.weekdays_off:
            continue
        for hour in hours:
            slot = datetime.combine(day, time(hour))
            if all(slot != other and abs(slot - other) >= gap for other in taken):
                return slot
    return None


def _with_themes(placed: list[tuple[datetime, NetworkName]], themes: dict[str, float]) -> list[SocialSlot]:
    """Give each slot the theme that is furthest behind by then, so that every week has the mix."""
    counts: Counter[str] = Counter()
    slots = []
    for at, network in placed:
        theme = next(name for name, number in fill_up(counts, themes, 1).items() if number)
        counts[theme] += 1
        slots.append(SocialSlot(at=at, network=network, theme=theme))
    return slots


def _themes(slots: list[SocialSlot]) -> Counter[str]:
    return Counter(slot.theme for slot in slots)


def _facts(args: SocialCalendarArgs, slots: list[SocialSlot], unplaced: int, moved: int) -> list[Fact]:
    made = [
        things("slots_placed", "Posts placed", len(slots), "post"),
        things("slots_unplaced", "Posts without a place", unplaced, "post"),
        things("moved_count", "Posts moved to another day", moved, "post"),
        things("weeks", "Weeks", args.weeks, "week"),
        things("networks", "Networks", len({item.network for item in args.cadence}), "network"),
        things("themes", "Themes", len(args.themes), "theme"),
        facts.number("posts_per_week", "Posts of a week", len(slots) / args.weeks, digits=1),
    ]
    if slots:
        day, on_day = Counter(WEEKDAYS[slot.at.weekday()] for slot in slots).most_common(1)[0]
        theme, of_theme = _themes(slots).most_common(1)[0]
        made += [
            facts.day("first_day", "First post", slots[0].at.date()),
            facts.day("last_day", "Last post", slots[-1].at.date()),
            facts.text("busiest_day", "Weekday with most posts", day),
            things("busiest_count", "Posts on it", on_day, "post"),
            facts.text("main_theme", "Most frequent theme", theme),
            things("main_theme_count", "Its posts", of_theme, "post"),
        ]
    return made
