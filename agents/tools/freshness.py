"""Freshness: which pages lose visits or grow old, and which of them to update before the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.tables import Heading, Row, bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.layout import checklist

State = Literal["falling", "old", "quiet", "healthy"]

FEW_VISITS: Final = 30
"""Visits in the earlier period below which a change is noise: by Poisson's law 30 visits vary by about a third."""


class DatedPage(BaseModel):
    """A page with the day of its last change and its visits in two periods of equal length."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(min_length=1, max_length=2000)
    title: str = Field(min_length=1, max_length=300)
    updated_on: date
    visits_before: int = Field(ge=0, le=1_000_000_000, description="Visits in the earlier period")
    visits_after: int = Field(ge=0, le=1_000_000_000, description="Visits in the later period")


class FreshnessArgs(Args):
    """The pages, and from when a page is old or falling."""

    pages: list[DatedPage] = Field(min_length=1, max_length=500)
    as_of: date | None = Field(None, description="The day of the review; today without it")
    old_days: int = Field(365, ge=30, le=3650, description="Days without a change from which a page is old")
    fall: float = Field(20, ge=1, le=100, description="Fall of visits in percent from which a page is falling")


class Freshness(ToolResult):
    """The addresses to update, the most urgent in front."""

    queue: list[str]


@dataclass(frozen=True, slots=True)
class _Reviewed:
    page: DatedPage
    age: int
    state: State

    @property
    def lost(self) -> int:
        return max(self.page.visits_before - self.page.visits_after, 0)

    @property
    def change(self) -> float | None:
        before = self.page.visits_before
        return (self.page.visits_after - before) / before * 100 if before else None


@tool(
    facts={
        "page_count": "count",
        "falling_count": "count",
        "old_count": "count",
        "quiet_count": "count",
        "healthy_count": "count",
        "queue_count": "count",
        "visits_before": "count",
        "visits_after": "count",
        "visits_change": "percent",
        "lost_visits": "count",
        "median_age": "days",
        "top_page": "text",
        "top_lost": "count",
        "top_fall": "percent",
        "top_age": "days",
        "oldest_page": "text",
        "oldest_age": "days",
        "as_of": "date",
    },
    parts={"queue": "table", "pages": "table", "chart": "series", "to_do": "checklist"},
)
def freshness(context: ToolContext, args: FreshnessArgs) -> Freshness:
    """Review pages by visits of two periods and age: falling, old, quiet, healthy; order what to update."""
    as_of = args.as_of or context.now.date()
    if late := [page.url for page in args.pages if page.updated_on > as_of]:
        raise ToolNeedsMore(f"pages: the last change of {late[0][:120]} lies after the day of the review")
    reviewed = [_review(page, as_of, args) for page in args.pages]
    queue = sorted(
        (item for item in reviewed if item.state in ("falling", "old")),
        key=lambda item: (-item.lost if item.state == "falling" else 0, item.state, -item.age, item.page.url),
    )
    falling = [item for item in queue if item.state == "falling"]
    oldest = max(reviewed, key=lambda item: (item.age, item.page.url))
    before, after = sum(page.visits_before for page in args.pages), sum(page.visits_after for page in args.pages)
    made = [
        facts.count("page_count", "Pages", len(reviewed)),
        *(
            facts.count(f"{state}_count", f"Pages: {state}", sum(item.state == state for item in reviewed))
            for state in ("falling", "old", "quiet", "healthy")
        ),
        facts.count("queue_count", "Pages to update", len(queue)),
        facts.count("visits_before", "Visits in the earlier period", before),
        facts.count("visits_after", "Visits in the later period", after),
        facts.count("lost_visits", "Visits that falling pages lost", sum(item.lost for item in falling)),
        facts.span("median_age", "Median age", median(item.age for item in reviewed), "days"),
        facts.text("oldest_page", "Page with the oldest change", oldest.page.title),
        facts.span("oldest_age", "Its age", oldest.age, "days"),
        facts.day("as_of", "Day of the review", as_of),
    ]
    if before:
        made.append(facts.percent("visits_change", "Change of visits", (after / before - 1) * 100))
    for item in falling[:1]:
        made += [
            facts.text("top_page", "Page to update before the others", item.page.title),
            facts.count("top_lost", "Visits that it lost", item.lost),
            facts.percent("top_fall", "Share of its visits that it lost", -(item.change or 0.0), digits=0),
            facts.span("top_age", "Its age", item.age, "days"),
        ]
    by_loss = [(item.page.title, item.lost) for item in falling]
    return Freshness(
        source="input",
        queue=[item.page.url for item in queue],
        facts=made,
        parts={
            "queue": table(
                "Pages to update, the most urgent in front", [_row(item) for item in queue], currency=None, **_COLUMNS
            ),
            "pages": table("All pages", [_row(item) for item in reviewed], currency=None, **_COLUMNS),
            "chart": bars("Visits that falling pages lost", by_loss, "visits"),
            "to_do": checklist("What to update", [_task(item) for item in queue[:12]]),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "title": "Page",
    "url": "Address",
    "state": "State",
    "before": ("Visits before", "number"),
    "after": ("Visits after", "number"),
    "change": ("Change", "percent"),
    "updated_on": ("Last change", "date"),
    "age": ("Days since", "number"),
}


def _review(page: DatedPage, as_of: date, args: FreshnessArgs) -> _Reviewed:
    age = (as_of - page.updated_on).days
    lost = page.visits_before - page.visits_after
    # Multiplied out, because a quotient would miss a fall of just the limit.
    if page.visits_before >= FEW_VISITS and lost * 100 >= args.fall * page.visits_before:
        state: State = "falling"
    elif age > args.old_days:
        state = "old"
    elif max(page.visits_before, page.visits_after) < FEW_VISITS:
        state = "quiet"
    else:
        state = "healthy"
    return _Reviewed(page, age, state)


def _row(item: _Reviewed) -> Row:
    return {
        "title": item.page.title,
        "url": item.page.url,
        "state": item.state,
        "before": item.page.visits_before,
        "after": item.page.visits_after,
        "change": None if item.change is None else round(item.change, 1),
        "updated_on": item.page.updated_on.isoformat(),
        "age": item.age,
    }


def _task(item: _Reviewed) -> tuple[str, str]:
    if item.state == "falling":
        why = f"{item.lost} visits fewer, last changed {item.age} days ago"
        return f'Update "{item.page.title}": facts, examples, title, links to it', why
    return f'Check that "{item.page.title}" still holds, and date it anew', f"Last changed {item.age} days ago"
