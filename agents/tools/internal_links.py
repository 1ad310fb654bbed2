"""Internal links: how the pages of a site pass on weight, which stand alone, and which links are worth adding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urldefrag, urljoin

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.parts import Cell
from agents.tables import Heading, bars, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools.layout import checklist
from agents.tools.words import similarities

if TYPE_CHECKING:
    import networkx as nx  # type: ignore[import-untyped]

RELATED: Final = 0.08
"""Cosine of two pages by TF-IDF from which a link between them helps a reader; below it a subject is hardly shared."""

Address = Annotated[str, Field(min_length=1, max_length=2000)]


class LinkedPage(BaseModel):
    """A page with its text and the addresses that it links to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Address
    title: str = Field(min_length=1, max_length=300)
    text: str = Field("", max_length=20_000, description="Its text, or the start of it")
    links: list[Address] = Field(default_factory=list, max_length=500)


class LinkArgs(Args):
    """The pages of a site; the home page is the front one unless it is named."""

    pages: list[LinkedPage] = Field(min_length=2, max_length=200, description="Pages with texts and links")
    home: str | None = Field(None, max_length=2000, description="Address of the home page")
    per_page: int = Field(3, ge=1, le=10, description="New links that a page may get")


class Suggestion(BaseModel):
    """A link worth adding; `closeness` is the cosine of the two pages, in percent."""

    model_config = ConfigDict(frozen=True)

    source: str
    target: str
    anchor: str
    closeness: float


class LinkPlan(ToolResult):
    """Which links to add, the most useful in front."""

    suggestions: list[Suggestion]


@dataclass(frozen=True, slots=True)
class _Site:
    titles: Mapping[str, str]
    graph: nx.DiGraph[str]
    rank: Mapping[str, float]
    home: str


@tool(
    facts={
        "page_count": "count",
        "link_count": "count",
        "orphan_count": "count",
        "dead_end_count": "count",
        "unknown_count": "count",
        "suggestion_count": "count",
        "orphan": "text",
        "dead_end": "text",
        "strongest": "text",
        "strongest_share": "percent",
        "weakest": "text",
        "from_page": "text",
        "to_page": "text",
        "closeness": "percent",
    },
    parts={"suggestions": "table", "pages": "table", "chart": "series", "to_do": "checklist"},
)
def link_plan(context: ToolContext, args: LinkArgs) -> LinkPlan:  # noqa: ARG001  # every tool takes its run
    """Plan internal links: PageRank of the pages, orphans, dead ends, and links between pages of related texts."""
    site, unknown = _site(args)
    orphans = [url for url in site.titles if url != site.home and not site.graph.in_degree(url)]
    ends = [url for url in site.titles if not site.graph.out_degree(url)]
    suggested = _suggested(args, site, set(orphans))
    ranked = sorted(site.titles, key=lambda url: (-site.rank[url], url))
    made = [
        facts.count("page_count", "Pages", len(site.titles)),
        facts.count("link_count", "Links between them", site.graph.number_of_edges()),
        facts.count("orphan_count", "Pages that no page links to", len(orphans)),
        facts.count("dead_end_count", "Pages without a link to another", len(ends)),
        facts.count("unknown_count", "Links to addresses outside the list", unknown),
        facts.count("suggestion_count", "Links worth adding", len(suggested)),
        facts.text("strongest", "Page with the most weight", site.titles[ranked[0]]),
        facts.percent("strongest_share", "Its share of the weight", site.rank[ranked[0]] * 100),
        facts.text("weakest", "Page with the least weight", site.titles[ranked[-1]]),
    ]
    made += [facts.text("orphan", "A page that no page links to", site.titles[url]) for url in orphans[:1]]
    made += [facts.text("dead_end", "A page without a link to another", site.titles[url]) for url in ends[:1]]
    for item in suggested[:1]:
        made += [
            facts.text("from_page", "The most useful link starts at", site.titles[item.source]),
            facts.text("to_page", "and leads to", site.titles[item.target]),
            facts.percent("closeness", "How close their texts are", item.closeness, digits=0),
        ]
    return LinkPlan(
        source="input",
        suggestions=suggested,
        facts=made,
        parts={
            "suggestions": table(
                "Links worth adding, the most useful in front",
                [item.model_dump() for item in suggested],
                currency=None,
                **_LINKS,
            ),
            "pages": table(
                "Pages by their weight", [_row(site, url, orphans) for url in ranked], currency=None, **_PAGES
            ),
            "chart": bars("Share of the weight", [(site.titles[url], site.rank[url] * 100) for url in ranked], "%"),
            "to_do": checklist("Links to set", [_task(site, item, orphans) for item in suggested[:12]]),
        },
    )


_LINKS: Final[dict[str, Heading]] = {
    "source": "From",
    "target": "To",
    "anchor": "Link text",
    "closeness": ("Closeness", "percent"),
}
_PAGES: Final[dict[str, Heading]] = {
    "url": "Page",
    "title": "Title",
    "inward": ("Links to it", "number"),
    "outward": ("Links from it", "number"),
    "weight": ("Share of the weight", "percent"),
    "state": "State",
}


def _site(args: LinkArgs) -> tuple[_Site, int]:
    import networkx as nx

    titles = {plain_address(page.url): page.title for page in args.pages}
    if len(titles) < len(args.pages):
        raise ToolNeedsMore("pages: an address stands in them more than once")
    home = plain_address(args.home or args.pages[0].url)
    if home not in titles:
        raise ToolNeedsMore("home: it is none of the pages")
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(titles)
    unknown = 0
    for page in args.pages:
        source = plain_address(page.url)
        targets = {plain_address(urljoin(page.url, link)) for link in page.links} - {source}
        graph.add_edges_from((source, target) for target in targets if target in titles)
        unknown += sum(target not in titles for target in targets)
    return _Site(titles, graph, nx.pagerank(graph), home), unknown


def plain_address(url: str) -> str:
    """Give an address without its fragment and final slash, by which two links are known to lead to one page."""
    bare = urldefrag(url.strip()).url
    return bare.rstrip("/") or "/"


def _suggested(args: LinkArgs, site: _Site, orphans: set[str]) -> list[Suggestion]:
    urls = list(site.titles)
    # A title tells more of a page than a sentence of it: it counts as if it stood there three times.
    close = similarities([f"{page.title} {page.title} {page.title} {page.text}" for page in args.pages])
    pairs = [
        (float(close[row, column]), source, target)
        for row, source in enumerate(urls)
        for column, target in enumerate(urls)
        if source != target and not site.graph.has_edge(source, target) and target != site.home
    ]
    # What nothing links to comes before what is only little linked to.
    pairs.sort(key=lambda pair: (pair[2] not in orphans, -pair[0], pair[1], pair[2]))
    taken: dict[str, int] = {}
    chosen = []
    for closeness, source, target in pairs:
        if closeness >= RELATED and taken.get(source, 0) < args.per_page:
            taken[source] = taken.get(source, 0) + 1
            anchor = site.titles[target]
            chosen.append(Suggestion(source=source, target=target, anchor=anchor, closeness=round(closeness * 100, 1)))
    return chosen


def _row(site: _Site, url: str, orphans: Sequence[str]) -> dict[str, Cell]:
    outward: Any = site.graph.out_degree(url)
    state = "orphan" if url in orphans else "dead end" if not outward else "linked"
    return {
        "url": url,
        "title": site.titles[url],
        "inward": site.graph.in_degree(url),
        "outward": outward,
        "weight": round(site.rank[url] * 100, 1),
        "state": state,
    }


def _task(site: _Site, item: Suggestion, orphans: Sequence[str]) -> tuple[str, str]:
    text = f'On "{site.titles[item.source]}", link to "{site.titles[item.target]}"'
    why = "Nothing links to that page yet" if item.target in orphans else "Their texts share a subject"
    return text, f"{why} (closeness {item.closeness:g}%)"
