"""Hashtags: which of the tags that a company has used belong to a new post, and which of them have reached people.

Relevance is the cosine of TF-IDF vectors (Manning, Raghavan, Schütze: Introduction to Information Retrieval, ch. 6)
between the draft and the posts that carried the tag, or the Jaccard share with the draft's own tags where that is
larger. Reach is a mean shrunk towards the mean of all posts, so that one lucky post does not make a tag.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Draft
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools import networks
from agents.tools.forms import things
from agents.tools.networks import NETWORKS, NetworkName
from agents.tools.past_posts import PastPost, PastPosts

_PRIOR_POSTS: Final = 4
"""Posts of average reach that are added to each tag's own."""
_LEAST_RELEVANCE: Final = 0.05
_WEAK: Final = 0.85
_ENOUGH: Final = 3
"""Uses from which a weak reach is said aloud."""


class HashtagArgs(Args):
    """The new post, its network, and the company's earlier posts."""

    draft: str = Field(min_length=1, max_length=5000, description="The new post, with or without hashtags")
    network: NetworkName = "instagram"
    posts: PastPosts


class TagScore(BaseModel):
    """A tag with its figures; `reach` is its mean reach over that of all posts."""

    model_config = ConfigDict(frozen=True)

    tag: str
    uses: int
    relevance: float
    reach: float

    @property
    def score(self) -> float:
        """Relevance weighted by reach."""
        return self.relevance * self.reach


class HashtagAdvice(ToolResult):
    """The tags to use, the best first."""

    suggested: list[TagScore]


@tool(
    facts={
        "posts_read": "count",
        "tags_known": "count",
        "suggested_count": "count",
        "draft_tags": "count",
        "good_number": "count",
        "best_tag": "text",
        "best_relevance": "percent",
        "best_reach": "percent",
        "weak_tag": "text",
        "weak_reach": "percent",
    },
    parts={"tags": "table", "reach": "series", "post": "draft"},
)
def hashtag_advice(context: ToolContext, args: HashtagArgs) -> HashtagAdvice:
    """Rank the hashtags of past posts for a new post, by relevance to its words and by the reach they have had."""
    del context
    by_tag = _by_tag(args.posts)
    own = {tag.lower() for tag in networks.hashtags(args.draft)}
    scores = _scores(args, by_tag, own)
    limit = NETWORKS[args.network].good_hashtags
    suggested = [item for item in scores if item.relevance >= _LEAST_RELEVANCE and item.reach >= _WEAK][:limit]
    made: list[Fact] = [
        things("posts_read", "Posts read", len(args.posts), "post"),
        things("tags_known", "Hashtags found in them", len(by_tag), "hashtag"),
        things("suggested_count", "Suggested", len(suggested), "hashtag"),
        things("draft_tags", "Hashtags of the draft", len(own), "hashtag"),
        facts.count("good_number", "Hashtags that suit the network", limit),
    ]
    if suggested:
        best = suggested[0]
        made += [
            facts.text("best_tag", "Best hashtag", best.tag),
            facts.percent("best_relevance", "Its likeness to the draft", best.relevance * 100, digits=0),
            facts.percent("best_reach", "Its reach, of the average post's", best.reach * 100, digits=0),
        ]
    weak = min((item for item in scores if item.uses >= _ENOUGH), key=lambda item: item.reach, default=None)
    if weak is not None and weak.reach < _WEAK:
        made += [
            facts.text("weak_tag", "Weakest hashtag", weak.tag),
            facts.percent("weak_reach", "Its reach, of the average post's", weak.reach * 100, digits=0),
        ]
    return HashtagAdvice(
        source="input",
        suggested=suggested,
        facts=made,
        parts={
            "tags": table(
                "Hashtags, the most fitting first",
                [_row(item) for item in scores],
                tag="Hashtag",
                uses=("Posts", "number"),
                relevance=("Fits the draft", "percent"),
                reach=("Reach (average is 1)", "number"),
            ),
            "reach": bars("Reach against the average post", [(i.tag, round(i.reach, 2)) for i in scores[:15]]),
            "post": Draft(title="The post with its hashtags", text=_with_tags(args.draft, own, suggested, limit)),
        },
    )


def _by_tag(posts: list[PastPost]) -> dict[str, list[PastPost]]:
    """Give each tag (in the spelling that came last) with the posts that carried it."""
    found: dict[str, list[PastPost]] = {}
    spelling: dict[str, str] = {}
    for post in sorted(posts, key=lambda item: item.published_at.isoformat()):
        for tag in dict.fromkeys(networks.hashtags(post.text)):
            spelling[tag.lower()] = tag
            found.setdefault(tag.lower(), []).append(post)
    return {spelling[tag]: items for tag, items in found.items()}


def _scores(args: HashtagArgs, by_tag: Mapping[str, list[PastPost]], own: set[str]) -> list[TagScore]:
    overall = sum(post.impressions for post in args.posts) / len(args.posts)
    likeness = _likeness(args.draft, by_tag)
    carried = {tag.lower(): {id(post) for post in posts} for tag, posts in by_tag.items()}
    scores = []
    for tag, posts in by_tag.items():
        mean = (sum(post.impressions for post in posts) + _PRIOR_POSTS * overall) / (len(posts) + _PRIOR_POSTS)
        together = max((_jaccard(carried[tag.lower()], carried[other]) for other in own & set(carried)), default=0.0)
        relevance = max(likeness[tag], together)
        scores.append(TagScore(tag=tag, uses=len(posts), relevance=round(relevance, 4), reach=round(mean / overall, 4)))
    return sorted(scores, key=lambda item: (-item.score, item.tag))


def _likeness(draft: str, by_tag: Mapping[str, list[PastPost]]) -> dict[str, float]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    tags = list(by_tag)
    documents = [" ".join(_words(post.text) for post in posts) for posts in by_tag.values()]
    if not tags:
        return {}
    try:
        vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform([_words(draft), *documents])
    except ValueError:  # no word is left but stop words
        return dict.fromkeys(tags, 0.0)
    return dict(zip(tags, (vectors[1:] @ vectors[0].T).toarray().ravel().tolist(), strict=True))


def _words(text: str) -> str:
    """Take hashtags as words of their own: "#TeamDay" says "Team Day"."""
    return networks.LINK.sub(" ", networks.HASHTAG.sub(lambda match: _apart(match[1]), text))


def _apart(tag: str) -> str:
    return "".join(f" {sign}" if sign.isupper() else sign for sign in tag)


def _jaccard(one: set[int], other: set[int]) -> float:
    return len(one & other) / len(one | other)


def _row(item: TagScore) -> dict[str, Cell]:
    return {
        "tag": item.tag,
        "uses": item.uses,
        "relevance": round(item.relevance * 100, 1),
        "reach": round(item.reach, 2),
    }


def _with_tags(draft: str, own: set[str], suggested: list[TagScore], limit: int) -> str:
    room = max(limit - len(own), 0)
    added = [item.tag for item in suggested if item.tag.lower() not in own][:room]
    return "\n\n".join(filter(None, [draft.rstrip(), " ".join(added)]))
