"""Engagement: which kind of post engages, and whether the difference is more than luck.

A group's rate is engagements over impressions. Its interval treats the posts, not the impressions, as the sample:
impressions of one post are not independent. Variance of a ratio by linearisation (Cochran: Sampling Techniques, 3rd
ed., ch. 6.4), Student's t for the bounds. Groups are compared by the Kruskal-Wallis test on the posts' rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Point, Series
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.forms import probability, things
from agents.tools.past_posts import PastPost, PastPosts

CONFIDENCE: Final = 0.95
_ENOUGH: Final = 3
"""Posts of a group from which it may be called the best or the weakest."""


class EngagementArgs(Args):
    """Past posts, and by what to compare them."""

    posts: PastPosts
    by: Literal["format", "network", "theme"] = Field("format", description="What the posts are grouped by")


class Engagement(ToolResult):
    """Engagement by group."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A group's rate with its interval; the bounds are None for a single post."""

    name: str
    posts: int
    impressions: int
    rate: float
    low: float | None
    high: float | None


@tool(
    facts={
        "posts_read": "count",
        "impressions": "count",
        "engagements": "count",
        "groups": "count",
        "overall_rate": "percent",
        "best_group": "text",
        "best_rate": "percent",
        "best_low": "percent",
        "best_high": "percent",
        "best_posts": "count",
        "worst_group": "text",
        "worst_rate": "percent",
        "best_over_worst": "ratio",
        "chance": "percent",
        "thin_groups": "count",
    },
    parts={"groups": "table", "rates": "series"},
)
def engagement_by_group(context: ToolContext, args: EngagementArgs) -> Engagement:
    """Compare the engagement rate of formats, networks or themes, with confidence intervals and a test."""
    del context
    groups: dict[str, list[PastPost]] = {}
    for post in args.posts:
        groups.setdefault(getattr(post, args.by) or "(none)", []).append(post)
    estimates = sorted((estimate(name, posts) for name, posts in groups.items()), key=lambda item: -item.rate)
    return Engagement(
        source="input",
        facts=_facts(args.posts, estimates, _chance(groups)),
        parts={
            "groups": table(
                f"Engagement by {args.by}",
                [_row(item) for item in estimates],
                name=args.by.capitalize(),
                posts=("Posts", "number"),
                impressions=("Impressions", "number"),
                rate=("Rate", "percent"),
                low=("At least", "percent"),
                high=("At most", "percent"),
            ),
            "rates": Series(
                title=f"Engagement rate by {args.by}, with its 95% interval",
                form="bar",
                unit="%",
                points=[_point(item) for item in estimates],
            ),
        },
    )


def estimate(name: str, posts: list[PastPost]) -> Estimate:
    """Give the rate of a group of posts with its interval."""
    from scipy import stats

    shown, engaged = sum(post.impressions for post in posts), sum(post.engagements for post in posts)
    rate, count = engaged / shown, len(posts)
    low = high = None
    if count > 1:
        residuals = sum((post.engagements - rate * post.impressions) ** 2 for post in posts) / (count - 1)
        error = (residuals / count) ** 0.5 / (shown / count)
        reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1)) * error
        low, high = max(rate - reach, 0.0), rate + reach
    return Estimate(name, count, shown, rate, low, high)


def _chance(groups: Mapping[str, list[PastPost]]) -> float | None:
    """Give how often chance alone would make such differences; None where there is nothing to compare."""
    from scipy import stats

    rates = [[post.rate for post in posts] for posts in groups.values() if len(posts) >= _ENOUGH]
    if len(rates) < 2 or len({rate for group in rates for rate in group}) < 2:
        return None
    return float(stats.kruskal(*rates).pvalue)


def _facts(posts: list[PastPost], estimates: list[Estimate], chance: float | None) -> list[Fact]:
    shown, engaged = sum(post.impressions for post in posts), sum(post.engagements for post in posts)
    sure = [item for item in estimates if item.posts >= _ENOUGH]
    made = [
        things("posts_read", "Posts read", len(posts), "post"),
        facts.count("impressions", "Impressions", shown),
        facts.count("engagements", "Engagements", engaged),
        things("groups", "Groups", len(estimates), "group"),
        things("thin_groups", "Groups with too few posts to judge", len(estimates) - len(sure), "group"),
        facts.percent("overall_rate", "Engagement rate of all", engaged / shown * 100, digits=2),
    ]
    if sure:
        best = sure[0]
        made += [
            facts.text("best_group", "Engages best", best.name),
            things("best_posts", "Its posts", best.posts, "post"),
            facts.percent("best_rate", "Its engagement rate", best.rate * 100, digits=2),
            facts.percent("best_low", "At least", (best.low or 0) * 100, digits=2),
            facts.percent("best_high", "At most", (best.high or 0) * 100, digits=2),
        ]
    if len(sure) > 1:
        worst = sure[-1]
        made += [
            facts.text("worst_group", "Engages least", worst.name),
            facts.percent("worst_rate", "Its engagement rate", worst.rate * 100, digits=2),
        ]
        if worst.rate > 0:
            made.append(facts.ratio("best_over_worst", "Best over weakest", sure[0].rate / worst.rate, digits=1))
    if chance is not None:
        made.append(probability("chance", "Probability of such differences by chance", chance))
    return made


def _row(item: Estimate) -> dict[str, Cell]:
    return {
        "name": item.name,
        "posts": item.posts,
        "impressions": item.impressions,
        "rate": round(item.rate * 100, 2),
        "low": None if item.low is None else round(item.low * 100, 2),
        "high": None if item.high is None else round(item.high * 100, 2),
    }


def _point(item: Estimate) -> Point:
    return Point(
        x=item.name,
        y=round(item.rate * 100, 4),
        low=None if item.low is None else round(item.low * 100, 4),
        high=None if item.high is None else round(item.high * 100, 4),
    )
