"""Keywords: which searches belong on one page, and what those who search want."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.tables import Heading, bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.layout import checklist
from agents.tools.words import similarities, words

Intent = Literal["question", "purchase", "comparison", "topic"]

_PURCHASE: Final = frozenset(
    {
        "buy",
        "price",
        "prices",
        "cheap",
        "order",
        "shop",
        "sale",
        "deal",
        "discount",
        "coupon",
        "hire",
        "book",
        "delivery",
        "near",
    }
)
_COMPARISON: Final = frozenset(
    {"best", "top", "vs", "versus", "review", "reviews", "compare", "comparison", "alternative", "alternatives"}
)
_QUESTION: Final = re.compile(r"^(how|what|why|when|where|who|which|can|does|do|is|are|should)\b|\?$")


class Keyword(BaseModel):
    """A search phrase with its searches in a month."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phrase: str = Field(min_length=1, max_length=120)
    volume: int = Field(0, ge=0, le=1_000_000_000, description="Searches in a month")


class Cluster(BaseModel):
    """Phrases that a single page can answer; the most searched of them names it."""

    model_config = ConfigDict(frozen=True)

    name: str
    phrases: list[str]
    volume: int
    intent: Intent


class ClusterArgs(Args):
    """The phrases, and how far apart those of one page may be."""

    keywords: list[Keyword] = Field(min_length=1, max_length=500, description="Search phrases with their volumes")
    distance: float = Field(
        0.75, ge=0.1, le=0.95, description="Cosine distance up to which phrases share a page; smaller makes more pages"
    )


class Clusters(ToolResult):
    """The clusters, the most searched in front."""

    clusters: list[Cluster]


@tool(
    facts={
        "keyword_count": "count",
        "cluster_count": "count",
        "alone_count": "count",
        "total_volume": "count",
        "top_cluster": "text",
        "top_volume": "count",
        "top_phrases": "count",
        "top_share": "percent",
        "question_count": "count",
        "purchase_count": "count",
    },
    parts={"clusters": "table", "chart": "series", "pages": "checklist"},
)
def keyword_clusters(context: ToolContext, args: ClusterArgs) -> Clusters:  # noqa: ARG001  # every tool takes its run
    """Group search phrases into pages: TF-IDF over words, average-linkage agglomerative clustering by cosine."""
    phrases = unique(args.keywords)
    clusters = _clustered(phrases, args.distance)
    total = sum(item.volume for item in phrases)
    top = clusters[0]
    made = [
        facts.count("keyword_count", "Phrases", len(phrases)),
        facts.count("cluster_count", "Pages that they make", len(clusters)),
        facts.count("alone_count", "Pages with a single phrase", sum(len(item.phrases) == 1 for item in clusters)),
        facts.count("total_volume", "Searches in a month", total),
        facts.text("top_cluster", "Most searched page", top.name),
        facts.count("top_volume", "Searches of the most searched page", top.volume),
        facts.count("top_phrases", "Phrases of the most searched page", len(top.phrases)),
        facts.count("question_count", "Pages that answer a question", _of(clusters, "question")),
        facts.count("purchase_count", "Pages for those who want to buy", _of(clusters, "purchase")),
    ]
    if total:
        made.append(facts.percent("top_share", "Share of the most searched page", top.volume / total * 100))
    rows = [item.model_dump() | {"phrases": ", ".join(item.phrases), "count": len(item.phrases)} for item in clusters]
    return Clusters(
        source="input",
        clusters=clusters,
        facts=made,
        parts={
            "clusters": table("Pages to make, the most searched in front", rows, currency=None, **_COLUMNS),
            "chart": bars("Searches a month by page", [(item.name, item.volume) for item in clusters]),
            "pages": checklist("Pages to write or improve", [_task(item) for item in clusters[:10]]),
        },
    )


_COLUMNS: Final[dict[str, Heading]] = {
    "name": "Page",
    "intent": "Intent",
    "count": ("Phrases", "number"),
    "volume": ("Searches a month", "number"),
    "phrases": "All phrases",
}


def unique(keywords: Iterable[Keyword]) -> list[Keyword]:
    """Give each phrase a single time, with its largest volume, the most searched in front."""
    by_phrase: dict[str, Keyword] = {}
    for item in keywords:
        key = " ".join(item.phrase.lower().split())
        known = by_phrase.get(key)
        if known is None or item.volume > known.volume:
            by_phrase[key] = Keyword(phrase=key or item.phrase, volume=item.volume)
    return sorted(by_phrase.values(), key=lambda item: (-item.volume, item.phrase))


def intent_of(phrase: str) -> Intent:
    """Give what a search is after, by its words; English only."""
    named = set(words(phrase))
    if _QUESTION.search(phrase.lower().strip()):
        return "question"
    if named & _PURCHASE:
        return "purchase"
    return "comparison" if named & _COMPARISON else "topic"


def _clustered(phrases: Sequence[Keyword], distance: float) -> list[Cluster]:
    if len(phrases) == 1:
        labels = [0]
    else:
        from sklearn.cluster import AgglomerativeClustering  # type: ignore[import-untyped]

        apart = 1.0 - similarities([item.phrase for item in phrases], pairs=False)
        model = AgglomerativeClustering(
            n_clusters=None, metric="precomputed", linkage="average", distance_threshold=distance
        )
        labels = [int(label) for label in model.fit_predict(apart)]
    groups: dict[int, list[Keyword]] = {}
    for label, item in zip(labels, phrases, strict=True):
        groups.setdefault(label, []).append(item)
    clusters = [_cluster(members) for members in groups.values()]
    return sorted(clusters, key=lambda item: (-item.volume, item.name))


def _cluster(members: Sequence[Keyword]) -> Cluster:
    """Make a cluster of phrases that come with the most searched in front."""
    return Cluster(
        name=members[0].phrase,
        phrases=[item.phrase for item in members],
        volume=sum(item.volume for item in members),
        intent=intent_of(members[0].phrase),
    )


def _of(clusters: Iterable[Cluster], intent: Intent) -> int:
    return sum(item.intent == intent for item in clusters)


_SHAPES: Final[dict[Intent, str]] = {
    "question": "Answer it in the opening lines, then explain",
    "purchase": "Show offer, price and delivery without scrolling",
    "comparison": "Compare the choices in a table and recommend",
    "topic": "Cover the subject whole and link to the details",
}


def _task(cluster: Cluster) -> tuple[str, str]:
    return f'A page for "{cluster.name}"', f"{_SHAPES[cluster.intent]}; {cluster.volume} searches a month"
