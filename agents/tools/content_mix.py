"""Content mix: the share of each theme among the posts against the share that was planned.

The whole mix is tested with Pearson's chi-square goodness of fit; it is rough where a theme would be expected in fewer
than five posts (Cochran 1954), so the smallest expected count is given with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field, field_validator

from agents import facts
from agents.facts import Fact
from agents.parts import Cell
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.forms import probability, things
from agents.tools.past_posts import PastPost, PastPosts

_TOLERANCE: Final = 0.5
"""By how much the planned shares may miss a hundred: they are rounded."""

Theme = Annotated[str, Field(min_length=1, max_length=60)]
Share = Annotated[float, Field(gt=0, le=100)]


class ContentMixArgs(Args):
    """Posts with their themes, the planned shares, and how many posts come next."""

    posts: PastPosts
    target: Annotated[dict[Theme, Share], Field(min_length=2, max_length=20)] = Field(
        description="Theme -> share in percent; together 100"
    )
    next_posts: int = Field(10, ge=1, le=200, description="How many posts the plan is for")

    @field_validator("target")
    @classmethod
    def _whole(cls, target: dict[str, float]) -> dict[str, float]:
        if abs(sum(target.values()) - 100) > _TOLERANCE:
            raise ValueError(f"the shares must make 100 together, not {sum(target.values()):g}")
        return target


class ContentMix(ToolResult):
    """How many of the next posts each theme should get."""

    next_by_theme: dict[str, int]


@tool(
    facts={
        "posts_read": "count",
        "posts_outside": "count",
        "themes": "count",
        "chance": "percent",
        "smallest_expected": "number",
        "over_theme": "text",
        "over_share": "percent",
        "over_target": "percent",
        "under_theme": "text",
        "under_share": "percent",
        "under_target": "percent",
        "next_count": "count",
        "next_theme": "text",
        "next_theme_count": "count",
        "best_theme": "text",
        "best_theme_rate": "percent",
    },
    parts={"mix": "table", "shares": "series", "plan": "table"},
)
def content_mix_check(context: ToolContext, args: ContentMixArgs) -> ContentMix:
    """Compare the themes of past posts with a planned mix, and lay out the next posts so that the mix is met."""
    del context
    names = {theme.lower(): theme for theme in args.target}
    seen = Counter(names[post.theme.lower()] for post in args.posts if post.theme.lower() in names)
    if not seen:
        raise ToolNeedsMore("None of the posts carries a theme of the target: fill in `theme` of each post")
    plan = fill_up(seen, args.target, args.next_posts)
    total = sum(seen.values())
    rows: list[dict[str, Cell]] = [
        {
            "theme": theme,
            "posts": seen[theme],
            "share": round(seen[theme] / total * 100, 1),
            "target": share,
            "rate": _rate(args.posts, theme),
        }
        for theme, share in args.target.items()
    ]
    return ContentMix(
        source="input",
        next_by_theme=plan,
        facts=_facts(args, seen, plan),
        parts={
            "mix": table(
                "Themes: published and planned",
                rows,
                theme="Theme",
                posts=("Posts", "number"),
                share=("Share", "percent"),
                target=("Planned", "percent"),
                rate=("Engagement rate", "percent"),
            ),
            "shares": bars("Share of each theme", [(str(row["theme"]), float(row["share"] or 0)) for row in rows], "%"),
            "plan": table(
                "The next posts",
                [{"theme": theme, "posts": number} for theme, number in plan.items()],
                theme="Theme",
                posts=("Posts", "number"),
            ),
        },
    )


def fill_up(seen: Mapping[str, int], target: Mapping[str, float], number: int) -> dict[str, int]:
    """Give each of the next posts to the theme that is furthest behind its share of all posts by then."""
    counts = {theme: seen.get(theme, 0) for theme in target}
    plan = dict.fromkeys(target, 0)
    whole = sum(target.values())
    for _ in range(number):
        after = sum(counts.values()) + 1
        theme = max(target, key=lambda name: target[name] / whole * after - counts[name])
        counts[theme] += 1
        plan[theme] += 1
    return plan


def _facts(args: ContentMixArgs, seen: Counter[str], plan: Mapping[str, int]) -> list[Fact]:
    from scipy import stats

    total, whole = sum(seen.values()), sum(args.target.values())
    expected = {theme: share / whole * total for theme, share in args.target.items()}
    gaps = {theme: seen[theme] - expected[theme] for theme in args.target}
    over, under = max(gaps, key=lambda name: gaps[name]), min(gaps, key=lambda name: gaps[name])
    chance = float(stats.chisquare([seen[theme] for theme in expected], list(expected.values())).pvalue)
    coming = max(plan, key=lambda name: plan[name])
    made = [
        things("posts_read", "Posts read", len(args.posts), "post"),
        things("posts_outside", "Posts without a planned theme", len(args.posts) - total, "post"),
        things("themes", "Themes", len(args.target), "theme"),
        probability("chance", "Probability of such a deviation by chance", chance),
        facts.number("smallest_expected", "Fewest posts expected of a theme", min(expected.values()), digits=1),
        facts.count("next_count", "Posts planned", args.next_posts),
        facts.text("next_theme", "Most of the next posts go to", coming),
        things("next_theme_count", "Of the next posts, for it", plan[coming], "post"),
    ]
    if gaps[over] > 0:
        made += [
            facts.text("over_theme", "Furthest above plan", over),
            facts.percent("over_share", "Its share", seen[over] / total * 100),
            facts.percent("over_target", "Its planned share", args.target[over]),
            facts.text("under_theme", "Furthest below plan", under),
            facts.percent("under_share", "Its share", seen[under] / total * 100),
            facts.percent("under_target", "Its planned share", args.target[under]),
        ]
    rates = {theme: _rate(args.posts, theme) for theme in args.target}
    if best := max((theme for theme, rate in rates.items() if rate), key=lambda name: rates[name] or 0, default=None):
        made += [
            facts.text("best_theme", "Theme that engages best", best),
            facts.percent("best_theme_rate", "Its engagement rate", rates[best] or 0, digits=2),
        ]
    return made


def _rate(posts: list[PastPost], theme: str) -> float | None:
    """Give a theme's engagements per hundred impressions."""
    chosen = [post for post in posts if post.theme.lower() == theme.lower()]
    shown = sum(post.impressions for post in chosen)
    return round(sum(post.engagements for post in chosen) / shown * 100, 2) if shown else None
