"""Search snippets: titles and descriptions as a page of results shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.parts import Cell
from agents.tables import Heading, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools import findings
from agents.tools.findings import Finding
from agents.tools.layout import one_line
from agents.tools.widths import DESCRIPTION_PIXELS, TITLE_PIXELS, description_pixels, title_pixels
from agents.tools.words import words

SHORT_TITLE: Final = 20
SHORT_DESCRIPTION: Final = 70
ALIKE: Final = 92
"""Likeness of two titles (rapidfuzz token sort ratio, of 100) from which a reader takes them for one."""


class Snippet(BaseModel):
    """A page's title and description, and the phrase it is to be found for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(min_length=1, max_length=2000)
    title: str = Field("", max_length=500)
    description: str = Field("", max_length=1000)
    phrase: str = Field("", max_length=120)


class SnippetArgs(Args):
    """The pages, and the site's name that titles may end with."""

    pages: list[Snippet] = Field(min_length=1, max_length=200, description="Pages with title and description")
    site: str = Field("", max_length=60, description="Name of the site, for proposed titles that have room")


class Snippets(ToolResult):
    """The findings of all pages."""

    findings: list[Finding]


@tool(
    facts={
        **findings.FACTS,
        "page_count": "count",
        "clean_count": "count",
        "clean_share": "percent",
        "missing_count": "count",
        "long_title_count": "count",
        "short_count": "count",
        "long_description_count": "count",
        "duplicate_count": "count",
        "phrase_count": "count",
        "widest_page": "text",
        "widest_title": "count",
        "title_room": "count",
    },
    parts={"pages": "table", "findings": "table", "proposals": "table", "to_do": "checklist"},
)
def snippet_check(context: ToolContext, args: SnippetArgs) -> Snippets:  # noqa: ARG001  # every tool takes its run
    """Check titles and descriptions of pages: width in pixels, presence, the phrase, and duplicates among them."""
    twins = _twins(args.pages)
    by_page = [[*_own(page), *_shared(page, twins.get(number, []))] for number, page in enumerate(args.pages)]
    found = findings.ordered([item for items in by_page for item in items])
    clean = sum(not items for items in by_page)
    kinds = [item.check for item in found]
    widest = max(args.pages, key=lambda page: title_pixels(page.title))
    return Snippets(
        source="input",
        findings=found[:200],
        facts=[
            *findings.counted(found),
            facts.count("page_count", "Pages", len(args.pages)),
            facts.count("clean_count", "Pages without a finding", clean),
            facts.percent("clean_share", "Share of pages without a finding", clean / len(args.pages) * 100),
            facts.count("missing_count", "Missing titles and descriptions", kinds.count(_MISSING)),
            facts.count("long_title_count", "Titles that are cut", kinds.count(_LONG_TITLE)),
            facts.count("short_count", "Titles and descriptions that waste room", kinds.count(_SHORT)),
            facts.count("long_description_count", "Descriptions that are cut", kinds.count(_LONG_DESCRIPTION)),
            facts.count("duplicate_count", "Titles that look like another's", kinds.count(_TWIN)),
            facts.count("phrase_count", "Titles without their phrase", kinds.count(_NO_PHRASE)),
            facts.text("widest_page", "Page with the widest title", widest.url),
            facts.count("widest_title", "Width of the widest title in pixels", title_pixels(widest.title)),
            facts.count("title_room", "Room of a title in pixels", TITLE_PIXELS),
        ],
        parts={
            "pages": table(
                "Titles and descriptions as results show them", _rows(args.pages, by_page), currency=None, **_COLUMNS
            ),
            "findings": findings.as_table("Findings, the gravest first", found),
            "proposals": table(
                "Proposed titles and descriptions, to be edited",
                list(_proposals(args, by_page)),
                currency=None,
                **_PROPOSED,
            ),
            "to_do": findings.as_checklist("What to change", found),
        },
    )


_MISSING, _LONG_TITLE, _SHORT = "Missing", "Long title", "Short"
_LONG_DESCRIPTION, _TWIN, _NO_PHRASE = "Long description", "Duplicate", "Phrase"
_COLUMNS: Final[dict[str, Heading]] = {
    "url": "Page",
    "title": "Title",
    "title_length": ("Characters", "number"),
    "title_pixels": ("Pixels", "number"),
    "description_length": ("Description characters", "number"),
    "description_pixels": ("Description pixels", "number"),
    "findings": ("Findings", "number"),
}
_PROPOSED: Final[dict[str, Heading]] = {"url": "Page", "title": "Proposed title", "description": "Proposed description"}


def _own(page: Snippet) -> Iterator[Finding]:
    title, description = page.title.strip(), page.description.strip()
    if not title:
        yield _finding("serious", _MISSING, page, "The title is missing", "Write a title that names the subject")
    elif (width := title_pixels(title)) > TITLE_PIXELS:
        finding = f"The title takes {width} of {TITLE_PIXELS} pixels and is cut"
        yield _finding("warning", _LONG_TITLE, page, finding, "Shorten the title, the telling words in front")
    elif len(title) < SHORT_TITLE:
        finding = f"The title has only {len(title)} characters"
        yield _finding("note", _SHORT, page, finding, "Say in the title what the page offers and for whom")
    if not description:
        remedy = "Write a description that says why to click"
        yield _finding("warning", _MISSING, page, "The description is missing", remedy)
    elif (width := description_pixels(description)) > DESCRIPTION_PIXELS:
        finding = f"The description takes {width} of {DESCRIPTION_PIXELS} pixels and is cut"
        yield _finding("note", _LONG_DESCRIPTION, page, finding, "Put the reason to click within the room")
    elif len(description) < SHORT_DESCRIPTION:
        finding = f"The description has only {len(description)} characters"
        yield _finding("note", _SHORT, page, finding, "Use the room for a reason to click")
    if page.phrase and title and not has_phrase(title, page.phrase):
        finding = f'The title does not name "{page.phrase}"'
        yield _finding("warning", _NO_PHRASE, page, finding, "Use the page's phrase in its title, near the front")


def has_phrase(text: str, phrase: str) -> bool:
    """Say whether the words of the phrase stand in the text next to each other and in their order."""
    return f" {' '.join(words(phrase))} " in f" {' '.join(words(text))} "


def _shared(page: Snippet, twins: Sequence[str]) -> Iterator[Finding]:
    if twins:
        finding = f"The title looks like that of {one_line(twins[0], 80)}"
        yield _finding("warning", _TWIN, page, finding, "Give each page a title of its own, or merge the pages")


def _finding(severity: findings.Severity, check: str, page: Snippet, finding: str, remedy: str) -> Finding:
    return Finding(severity=severity, check=check, place=page.url, finding=finding, remedy=remedy)


def _twins(pages: Sequence[Snippet]) -> dict[int, list[str]]:
    from rapidfuzz.fuzz import token_sort_ratio

    titles = [" ".join(words(page.title)) for page in pages]
    found: dict[int, list[str]] = {}
    for left, right in combinations(range(len(pages)), 2):
        if titles[left] and token_sort_ratio(titles[left], titles[right], score_cutoff=ALIKE):
            found.setdefault(left, []).append(pages[right].url)
            found.setdefault(right, []).append(pages[left].url)
    return found


def _rows(pages: Sequence[Snippet], by_page: Sequence[Sequence[Finding]]) -> list[dict[str, Cell]]:
    return [
        {
            "url": page.url,
            "title": one_line(page.title),
            "title_length": len(page.title),
            "title_pixels": title_pixels(page.title),
            "description_length": len(page.description),
            "description_pixels": description_pixels(page.description),
            "findings": len(items),
        }
        for page, items in zip(pages, by_page, strict=True)
    ]


def _proposals(args: SnippetArgs, by_page: Sequence[Sequence[Finding]]) -> Iterator[dict[str, Cell]]:
    """Propose for each page with a finding: the phrase in front, cut at a word, the site's name where it has room."""
    for page, items in zip(args.pages, by_page, strict=True):
        if not items:
            continue
        title = one_line(page.title, 500)
        if page.phrase and not has_phrase(title, page.phrase):
            phrase = page.phrase.strip()
            title = f"{phrase[:1].upper()}{phrase[1:]}: {title}" if title else f"{phrase[:1].upper()}{phrase[1:]}"
        title = fitted(title, TITLE_PIXELS, title_pixels)
        with_site = f"{title} | {args.site}"
        if args.site and args.site.lower() not in title.lower() and title_pixels(with_site) <= TITLE_PIXELS:
            title = with_site
        description = fitted(one_line(page.description, 1000), DESCRIPTION_PIXELS, description_pixels)
        yield {"url": page.url, "title": title, "description": description}


def fitted(text: str, room: int, width: Callable[[str], int]) -> str:
    """Cut a text at the end of a word so that it fits, with an ellipsis where something was cut."""
    if width(text) <= room:
        return text
    kept = text.split()
    while kept and width(shown := " ".join(kept).rstrip(" ,;:-|.") + "\N{HORIZONTAL ELLIPSIS}") > room:
        kept.pop()
    return shown if kept else ""
