"""Posting times: when followers react, by weekday and time of day, in the company's own time zone.

A slot's mean is drawn towards the mean of all posts by Bühlmann's credibility Z = n / (n + k), where k is the expected
variance inside a slot over the variance between slots (Klugman, Panjer, Willmot: Loss Models, ch. 18.5 and 20.2). With
no variance between slots Z is 0: then no time is better than another, and the tool says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Series
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.forms import local, things
from agents.tools.past_posts import PastPost, PastPosts

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BLOCK_HOURS: Final = 3
"""Hours of a slot: a week has 56 of them, which the posts of some months can fill."""


class TimeSlot(BaseModel):
    """A weekday (Monday is 0) and the hour at which the slot begins; rates are engagements per impression."""

    model_config = ConfigDict(frozen=True)

    weekday: int
    hour: int
    posts: int
    raw: float
    rate: float
    """The rate after shrinkage."""


class SendTimeArgs(Args):
    """Past posts with their reception."""

    posts: PastPosts
    slots: int = Field(5, ge=1, le=20, description="How many times to propose")


class SendTimes(ToolResult):
    """The best times, the best first."""

    best: list[TimeSlot]


@tool(
    facts={
        "posts_read": "count",
        "slots_seen": "count",
        "overall_rate": "percent",
        "best_day": "text",
        "best_hour": "text",
        "best_until": "text",
        "best_rate": "percent",
        "best_lift": "percent",
        "best_posts": "count",
        "evidence": "percent",
        "worst_day": "text",
        "worst_hour": "text",
        "worst_rate": "percent",
    },
    parts={"slots": "table", "weekdays": "series", "hours": "series"},
)
def send_time_plan(context: ToolContext, args: SendTimeArgs) -> SendTimes:
    """Find the weekdays and hours at which posts engage best, with thin slots drawn towards the average."""
    groups = _groups(args.posts, context.timezone)
    overall = _mean([post.rate for post in args.posts])
    k = noise_over_signal({key: [post.rate for post in posts] for key, posts in groups.items()})
    slots = sorted(
        (_slot(key, posts, overall, k) for key, posts in groups.items()),
        key=lambda item: (-item.rate, -item.posts, item.weekday, item.hour),
    )
    return SendTimes(
        source="input",
        best=slots[: args.slots],
        facts=_facts(slots, len(args.posts), overall, k),
        parts={
            "slots": table(
                f"Times of the week, the best first ({context.timezone})",
                [_row(slot) for slot in slots],
                day="Day",
                hours="Hours",
                posts=("Posts", "number"),
                raw=("Measured", "percent"),
                rate=("Expected", "percent"),
            ),
            "weekdays": _means("Engagement by weekday", {name: _on(groups, n) for n, name in enumerate(WEEKDAYS)}),
            "hours": _means(
                "Engagement by time of day", {_clock(hour): _at(groups, hour) for hour in range(0, 24, _BLOCK_HOURS)}
            ),
        },
    )


def noise_over_signal(groups: Mapping[tuple[int, int], list[float]]) -> float | None:
    """Give Bühlmann's k by its unbiased estimators; None when groups do not differ more than chance makes them."""
    total = sum(map(len, groups.values()))
    if len(groups) < 2 or total <= len(groups):
        return None
    mean = sum(map(sum, groups.values())) / total
    within = sum(sum((rate - _mean(rates)) ** 2 for rate in rates) for rates in groups.values()) / (total - len(groups))
    between = sum(len(rates) * (_mean(rates) - mean) ** 2 for rates in groups.values())
    spread = total - sum(len(rates) ** 2 for rates in groups.values()) / total
    signal = (between - (len(groups) - 1) * within) / spread
    return within / signal if signal > 1e-12 else None


def _groups(posts: list[PastPost], timezone: str) -> dict[tuple[int, int], list[PastPost]]:
    groups: dict[tuple[int, int], list[PastPost]] = {}
    for post in posts:
        at = local(post.published_at, timezone)
        groups.setdefault((at.weekday(), at.hour // _BLOCK_HOURS * _BLOCK_HOURS), []).append(post)
    return groups


def _slot(key: tuple[int, int], posts: list[PastPost], overall: float, k: float | None) -> TimeSlot:
    raw = _mean([post.rate for post in posts])
    weight = 0.0 if k is None else len(posts) / (len(posts) + k)
    return TimeSlot(weekday=key[0], hour=key[1], posts=len(posts), raw=raw, rate=weight * raw + (1 - weight) * overall)


def _facts(slots: list[TimeSlot], posts: int, overall: float, k: float | None) -> list[Fact]:
    best, worst = slots[0], slots[-1]
    weight = 0.0 if k is None else best.posts / (best.posts + k)
    made = [
        things("posts_read", "Posts read", posts, "post"),
        things("slots_seen", "Times of the week with a post", len(slots), "time slot"),
        facts.percent("overall_rate", "Engagement of all posts", overall * 100, digits=2),
        facts.percent("evidence", "Weight of the best time's own posts", weight * 100, digits=0),
        things("best_posts", "Posts at the best time", best.posts, "post"),
    ]
    if k is not None and overall > 0:
        made += [
            facts.text("best_day", "Best day", WEEKDAYS[best.weekday]),
            facts.text("best_hour", "Best hour, from", _clock(best.hour)),
            facts.text("best_until", "Best hour, until", _clock(best.hour + _BLOCK_HOURS)),
            facts.percent("best_rate", "Engagement to expect then", best.rate * 100, digits=2),
            facts.percent("best_lift", "Above the average by", (best.rate / overall - 1) * 100, digits=0),
            facts.text("worst_day", "Weakest day", WEEKDAYS[worst.weekday]),
            facts.text("worst_hour", "Weakest hour, from", _clock(worst.hour)),
            facts.percent("worst_rate", "Engagement to expect then", worst.rate * 100, digits=2),
        ]
    return made


def _row(slot: TimeSlot) -> dict[str, Cell]:
    return {
        "day": WEEKDAYS[slot.weekday],
        "hours": f"{_clock(slot.hour)} to {_clock(slot.hour + _BLOCK_HOURS)}",
        "posts": slot.posts,
        "raw": round(slot.raw * 100, 2),
        "rate": round(slot.rate * 100, 2),
    }


def _on(groups: Mapping[tuple[int, int], list[PastPost]], weekday: int) -> list[PastPost]:
    return [post for (day, _), posts in groups.items() if day == weekday for post in posts]


def _at(groups: Mapping[tuple[int, int], list[PastPost]], hour: int) -> list[PastPost]:
    return [post for (_, start), posts in groups.items() if start == hour for post in posts]


def _means(title: str, groups: Mapping[str, list[PastPost]]) -> Series:
    heights = [(name, round(_mean([post.rate for post in posts]) * 100, 2)) for name, posts in groups.items() if posts]
    return bars(title, heights, "%")


def _clock(hour: int) -> str:
    return f"{hour % 24:02d}:00"


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
