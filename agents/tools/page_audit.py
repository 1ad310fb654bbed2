"""On-page audit: what a search engine and a reader find missing or wrong in a page's markup."""

from __future__ import annotations

import asyncio

from pydantic import Field

from agents import facts, fetching
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools import findings
from agents.tools.findings import Finding
from agents.tools.html_pages import read
from agents.tools.page_checks import CHECKS, Looked
from agents.tools.widths import title_pixels
from agents.tools.words import words


class AuditArgs(Args):
    """A page: its HTML, or an address to fetch it from."""

    html: str | None = Field(None, max_length=500_000, description="The page's HTML; without it the address is fetched")
    url: str | None = Field(None, max_length=2000, description="The page's public address")
    keyword: str | None = Field(None, min_length=2, max_length=100, description="The phrase it should be found for")


class Audit(ToolResult):
    """A page's findings, and what it says of itself."""

    findings: list[Finding]
    title: str
    description: str
    text: str


@tool(
    facts={
        **findings.FACTS,
        "check_count": "count",
        "passed_count": "count",
        "passed_share": "percent",
        "page_title": "text",
        "title_length": "count",
        "title_width": "count",
        "description_length": "count",
        "word_count": "count",
        "image_count": "count",
        "no_alt_count": "count",
        "link_count": "count",
        "heading_count": "count",
        "data_count": "count",
        "status": "number",
    },
    parts={"findings": "table", "to_do": "checklist", "outline": "table"},
)
async def page_audit(context: ToolContext, args: AuditArgs) -> Audit:  # noqa: ARG001  # every tool takes its run
    """Audit a page's markup: title, description, headings, canonical, robots, language, images, links, data, length."""
    if args.html is not None:
        looked = Looked(await asyncio.to_thread(read, args.html), args.url, args.keyword)
    elif args.url is not None:
        page = await fetching.fetch(args.url)
        header = page.headers.get("x-robots-tag", "").lower()
        reading = await asyncio.to_thread(read, page.text)
        looked = Looked(reading, page.url, args.keyword, header, page.status, len(page.hops) - 1)
    else:
        raise ToolNeedsMore("Give the page's html, or its url")
    return await asyncio.to_thread(_audited, looked, "input" if args.html is not None else (looked.url or ""))


def _audited(looked: Looked, source: str) -> Audit:
    page = looked.page
    by_check = [list(check(looked)) for check in CHECKS]
    found = findings.ordered([item for items in by_check for item in items])
    passed = sum(not items for items in by_check)
    title, description = next(iter(page.titles), ""), next(iter(page.descriptions), "")
    made = [
        *findings.counted(found),
        facts.count("check_count", "Checks", len(CHECKS)),
        facts.count("passed_count", "Checks without a finding", passed),
        facts.percent("passed_share", "Share of checks without a finding", passed / len(CHECKS) * 100, digits=0),
        facts.text("page_title", "Title of the page", title or "Untitled page"),
        facts.count("title_length", "Characters of the title", len(title)),
        facts.count("title_width", "Width of the title in pixels", title_pixels(title)),
        facts.count("description_length", "Characters of the description", len(description)),
        facts.count("word_count", "Words that a reader sees", len(words(page.text))),
        facts.count("image_count", "Images", len(page.images)),
        facts.count("no_alt_count", "Images without an alternative text", sum(alt is None for _, alt in page.images)),
        facts.count("link_count", "Links", len(page.links)),
        facts.count("heading_count", "Headings", len(page.headings)),
        facts.count("data_count", "Structured data entities", len(page.data_types)),
    ]
    if looked.status is not None:
        made.append(facts.number("status", "HTTP status", looked.status, digits=0))
    outline = [{"level": f"H{level}", "heading": name or "(empty)"} for level, name in page.headings]
    return Audit(
        source=source,
        findings=found,
        title=title,
        description=description,
        text=page.text[:20_000],
        facts=made,
        parts={
            "findings": findings.as_table("Findings, the gravest first", found),
            "to_do": findings.as_checklist("What to change on the page", found),
            "outline": table("Headings of the page", outline, level="Level", heading="Heading"),
        },
    )
