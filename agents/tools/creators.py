"""Creators: who of some candidates fits a campaign, what an engagement would cost, and whose followers look bought.

Engagement is judged among the given candidates: it falls with the size of an audience, so it is compared with a
robust line of log engagement over log followers (Theil-Sen). Suspicions are signs, not proof; each names its rule.
Outliers by the modified z-score above 3.5 (Iglewicz and Hoaglin: How to Detect and Handle Outliers, 1993).
"""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Checklist, Item
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.forms import things

_OUTLIER: Final = 3.5
_FAR_BELOW: Final = 1 / 3
"""Engagement against what the others' line expects; less than this is a sign of followers who are not there."""
_FEW_COMMENTS: Final = 0.002
"""Comments per like; likes can be bought by the thousand, conversations hardly."""
_PENALTY: Final = 20.0
_WEIGHTS: Final = {"engagement": 0.45, "fit": 0.35, "cost": 0.20}


class Creator(BaseModel):
    """A candidate; likes and comments are means of a post."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    followers: int = Field(gt=0, le=10**9)
    following: int = Field(0, ge=0, le=10**9)
    likes: float = Field(ge=0, le=10**9, description="Likes of a usual post")
    comments: float = Field(ge=0, le=10**9, description="Comments of a usual post")
    topics: str = Field("", max_length=2000, description="Profile text and captions")
    fee: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)] | None = None
    followers_by_week: list[int] = Field(
        default_factory=list, max_length=200, description="Followers, the oldest first"
    )

    @property
    def engagements(self) -> float:
        """Reactions of a post."""
        return self.likes + self.comments


class CreatorArgs(Args):
    """The candidates and what the campaign is about."""

    creators: Annotated[list[Creator], Field(min_length=2, max_length=300)]
    brief: str = Field(min_length=3, max_length=2000, description="What the campaign is about")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="Of the fees; the company's own without it")


class CreatorScore(BaseModel):
    """A candidate judged; `score` is of a hundred."""

    model_config = ConfigDict(frozen=True)

    name: str
    score: float
    engagement: float
    fit: float
    cost: Decimal | None
    """Fee of an engagement."""
    signs: list[str]


class CreatorRanking(ToolResult):
    """The candidates, the best first."""

    ranking: list[CreatorScore]


@tool(
    facts={
        "creators_read": "count",
        "best_creator": "text",
        "best_score": "number",
        "best_engagement": "percent",
        "best_fit": "percent",
        "best_cost": "money",
        "median_engagement": "percent",
        "flagged_count": "count",
        "flagged_creator": "text",
        "flagged_sign": "text",
        "cheapest_creator": "text",
        "cheapest_cost": "money",
        "fees_given": "count",
    },
    parts={"ranking": "table", "scores": "series", "signs": "checklist"},
)
def creator_ranking(context: ToolContext, args: CreatorArgs) -> CreatorRanking:
    """Score creators by engagement, fit with the brief and cost, and name suspicious follower patterns."""
    expected, fits = _expected(args.creators), _fits(args.brief, args.creators)
    costs = [_cost(creator) for creator in args.creators]
    engagement_ranks = _ranks(
        [math.log1p(item.engagements) - line for item, line in zip(args.creators, expected, strict=True)]
    )
    cost_ranks = _ranks([-float(cost) if cost is not None else None for cost in costs])
    best_fit = max(fits) or 1.0
    ranking = []
    for number, creator in enumerate(args.creators):
        signs = find_signs(creator, math.expm1(expected[number]))
        points = 100 * (
            _WEIGHTS["engagement"] * engagement_ranks[number]
            + _WEIGHTS["fit"] * fits[number] / best_fit
            + _WEIGHTS["cost"] * cost_ranks[number]
        )
        ranking.append(
            CreatorScore(
                name=creator.name,
                score=round(max(points - _PENALTY * len(signs), 0.0), 1),
                engagement=creator.engagements / creator.followers,
                fit=fits[number],
                cost=costs[number],
                signs=signs,
            )
        )
    ranking.sort(key=lambda item: (-item.score, item.name))
    currency = args.currency or context.currency
    return CreatorRanking(
        source="input",
        ranking=ranking,
        facts=_facts(ranking, currency),
        parts={
            "ranking": table(
                "Creators, the best first",
                [_row(item) for item in ranking],
                currency=currency,
                name="Creator",
                score=("Score of 100", "number"),
                engagement=("Engagement rate", "percent"),
                fit=("Fits the brief", "percent"),
                cost=("Cost of an engagement", "money"),
                signs="Suspicious",
            ),
            "scores": bars("Score", [(item.name, item.score) for item in ranking[:30]], "of 100"),
            "signs": Checklist(
                title="What to ask before signing",
                items=[
                    Item(text=f"{item.name}: {sign}", why="Ask for the audience report of the network.")
                    for item in ranking
                    for sign in item.signs
                ],
            ),
        },
    )


def find_signs(creator: Creator, expected: float) -> list[str]:
    """Name what is suspicious; `expected` is a post's engagements by the others' line."""
    signs = []
    if creator.following > creator.followers and creator.following > 1000:
        signs.append("follows more accounts than follow back")
    if creator.likes >= 200 and creator.comments < creator.likes * _FEW_COMMENTS:
        signs.append("many likes with hardly a comment")
    if creator.engagements < expected * _FAR_BELOW:
        signs.append("far fewer reactions than an audience of this size gives")
    if _has_jump(creator.followers_by_week):
        signs.append("a sudden jump in followers")
    return signs


def _has_jump(followers: list[int]) -> bool:
    """Whether a week's gain stands far outside the others and is more than a tenth of the audience."""
    gains = [after - before for before, after in pairwise(followers)]
    if len(gains) < 5:
        return False
    centre = _median([float(gain) for gain in gains])
    spread = _median([abs(gain - centre) for gain in gains])
    return any(
        gain > followers[week] * 0.1 and 0.6745 * (gain - centre) > _OUTLIER * spread for week, gain in enumerate(gains)
    )


def _expected(creators: list[Creator]) -> list[float]:
    """Give the log of a usual post's engagements that each audience size would have on the line of all."""
    from scipy import stats

    sizes = [math.log(item.followers) for item in creators]
    reactions = [math.log1p(item.engagements) for item in creators]
    if len(creators) < 5 or len(set(sizes)) < 3:  # too few for a line: the same rate for everybody
        rate = _median([item.engagements / item.followers for item in creators])
        return [math.log1p(rate * item.followers) for item in creators]
    line = stats.theilslopes(reactions, sizes)
    return [float(line.intercept + line.slope * size) for size in sizes]


def _fits(brief: str, creators: list[Creator]) -> list[float]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    try:
        vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(
            [brief, *(item.topics for item in creators)]
        )
    except ValueError:  # no word is left but stop words
        return [0.0] * len(creators)
    fits: list[float] = (vectors[1:] @ vectors[0].T).toarray().ravel().tolist()
    return fits


def _cost(creator: Creator) -> Decimal | None:
    if creator.fee is None or creator.engagements <= 0:
        return None
    return creator.fee / Decimal(repr(creator.engagements))


def _ranks(values: list[float | None] | list[float]) -> list[float]:
    """Give the share of the others that each value beats; one that is not known stands in the middle."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return [0.5] * len(values)
    return [
        0.5
        if value is None
        else (sum(other < value for other in known) + 0.5 * (known.count(value) - 1)) / (len(known) - 1)
        for value in values
    ]


def _facts(ranking: list[CreatorScore], currency: str) -> list[Fact]:
    best = ranking[0]
    flagged = [item for item in ranking if item.signs]
    priced = [(item.cost, item.name) for item in ranking if item.cost is not None]
    made = [
        things("creators_read", "Creators compared", len(ranking), "creator"),
        facts.text("best_creator", "Best candidate", best.name),
        facts.number("best_score", "Score of the best", best.score, digits=0),
        facts.percent("best_engagement", "Engagement rate of the best", best.engagement * 100, digits=2),
        facts.percent("best_fit", "Likeness of the best to the brief", best.fit * 100, digits=0),
        facts.percent(
            "median_engagement", "Median engagement rate", _median([i.engagement for i in ranking]) * 100, digits=2
        ),
        things("flagged_count", "With a suspicious pattern", len(flagged), "creator"),
        things("fees_given", "With a fee", len(priced), "creator"),
    ]
    if best.cost is not None:
        made.append(facts.money("best_cost", "Cost of an engagement with the best", best.cost, currency))
    if flagged:
        worst = max(flagged, key=lambda item: len(item.signs))
        made += [
            facts.text("flagged_creator", "Most suspicious", worst.name),
            facts.text("flagged_sign", "What is suspicious", worst.signs[0]),
        ]
    if priced:
        cost, name = min(priced)
        made += [
            facts.text("cheapest_creator", "Cheapest engagement", name),
            facts.money("cheapest_cost", "Cost of that engagement", cost, currency),
        ]
    return made


def _row(item: CreatorScore) -> dict[str, Cell]:
    return {
        "name": item.name,
        "score": item.score,
        "engagement": round(item.engagement * 100, 2),
        "fit": round(item.fit * 100, 1),
        "cost": None if item.cost is None else item.cost.quantize(Decimal("0.01")),
        "signs": "; ".join(item.signs),
    }


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
