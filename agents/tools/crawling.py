"""Crawling: whether robots.txt, sitemap and redirects let a search engine reach what it should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.tables import Heading, table
from agents.tooling import Args, ToolContext, ToolNeedsMore, ToolResult, tool
from agents.tools import findings
from agents.tools.findings import Finding, Severity
from agents.tools.robots_rules import LARGEST, Robots
from agents.tools.robots_rules import read as read_robots
from agents.tools.sitemaps import MOST_URLS, Entry, SitemapInvalid
from agents.tools.sitemaps import read as read_sitemap

LONGEST_CHAIN: Final = 10
"""Redirects that a crawler follows: Google's documentation names ten."""

MOST_CHECKS: Final = 4_000_000
"""Rules times addresses that are compared: some seconds. A usual site has hundreds times thousands at most."""

Address = Annotated[str, Field(min_length=1, max_length=2000)]


class Redirect(BaseModel):
    """A redirect as the server has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Address
    target: Address
    status: int = Field(301, ge=300, le=399)


class CrawlArgs(Args):
    """What the site says to crawlers; at least one of robots, sitemap and redirects."""

    robots: str | None = Field(None, max_length=LARGEST, description="Text of robots.txt")
    sitemap: str | None = Field(None, max_length=300_000, description="XML of a sitemap")
    redirects: list[Redirect] = Field(default_factory=list, max_length=2000, description="Redirects, full addresses")
    important: list[Address] = Field(default_factory=list, max_length=500, description="Addresses that must be found")
    crawler: str = Field("Googlebot", pattern=r"^[A-Za-z_-]{1,40}$", description="Product token of the crawler")


class Crawl(ToolResult):
    """What stands in a crawler's way."""

    findings: list[Finding]


@dataclass(slots=True)
class _Seen:
    """What was given, read."""

    crawler: str
    today: date
    robots: Robots | None = None
    entries: list[Entry] = field(default_factory=list)
    hops: Mapping[str, Redirect] = field(default_factory=dict)
    important: Sequence[str] = ()
    chains: list[list[str]] = field(default_factory=list)
    loops: list[list[str]] = field(default_factory=list)


@tool(
    facts={
        **findings.FACTS,
        "sitemap_count": "count",
        "important_count": "count",
        "blocked_count": "count",
        "blocked_url": "text",
        "redirect_count": "count",
        "chain_count": "count",
        "loop_count": "count",
        "longest_chain": "count",
        "longest_start": "text",
        "temporary_count": "count",
        "moved_count": "count",
        "rule_count": "count",
    },
    parts={"findings": "table", "chains": "table", "to_do": "checklist"},
)
def crawl_check(context: ToolContext, args: CrawlArgs) -> Crawl:
    """Check robots.txt (RFC 9309), a sitemap and redirects: blocked addresses, chains, loops, stale entries."""
    if args.robots is None and args.sitemap is None and not args.redirects:
        raise ToolNeedsMore("Give at least one of robots, sitemap and redirects")
    seen = _Seen(args.crawler, context.now.date(), important=args.important)
    found: list[Finding] = []
    if args.robots is not None:
        seen.robots = read_robots(args.robots)
        found += _robots_faults(seen.robots)
    if args.sitemap is not None:
        try:
            seen.entries = read_sitemap(args.sitemap)
            found += _sitemap_faults(seen)
        except SitemapInvalid as error:
            found.append(_finding("serious", "Sitemap", "sitemap", str(error), "Give the sitemap as valid XML"))
    seen.hops = {item.source: item for item in args.redirects}
    seen.chains, seen.loops = _walks(seen.hops)
    found += _redirect_faults(args.redirects, seen)
    blocked = _blocked(seen)
    found += [_blocked_finding(seen, url) for url in blocked]
    found = findings.ordered(found)
    longest = max(seen.chains, key=len, default=[])
    made = [
        *findings.counted(found),
        facts.count("sitemap_count", "Addresses in the sitemap", len(seen.entries)),
        facts.count("important_count", "Addresses that must be found", len(args.important)),
        facts.count("blocked_count", "Wanted addresses that robots.txt blocks", len(blocked)),
        facts.count("redirect_count", "Redirects", len(args.redirects)),
        facts.count("chain_count", "Redirects over several hops", len(seen.chains)),
        facts.count("loop_count", "Redirects that lead round in a circle", len(seen.loops)),
        facts.count(
            "temporary_count", "Temporary redirects", sum(item.status in (302, 303, 307) for item in args.redirects)
        ),
        facts.count(
            "moved_count", "Addresses of the sitemap that redirect", sum(e.url in seen.hops for e in seen.entries)
        ),
        facts.count(
            "rule_count", "Rules in robots.txt", sum(map(len, seen.robots.groups.values())) if seen.robots else 0
        ),
    ]
    made += [facts.text("blocked_url", "A wanted address that is blocked", url) for url in blocked[:1]]
    if longest:
        made.append(facts.count("longest_chain", "Hops of the longest chain", len(longest) - 1))
        made.append(facts.text("longest_start", "Where the longest chain starts", longest[0]))
    return Crawl(
        source="input",
        findings=found[:200],
        facts=made,
        parts={
            "findings": findings.as_table("What stands in a crawler's way, the gravest first", found),
            "chains": table("Chains and circles of redirects", list(_chain_rows(seen)), currency=None, **_CHAINS),
            "to_do": findings.as_checklist("What to correct", found),
        },
    )


_CHAINS: Final[dict[str, Heading]] = {
    "kind": "Kind",
    "hops": ("Hops", "number"),
    "start": "From",
    "end": "To",
    "path": "Path",
}


def _finding(severity: Severity, check: str, place: str, finding: str, remedy: str) -> Finding:
    return Finding(severity=severity, check=check, place=place, finding=finding, remedy=remedy)


def _robots_faults(robots: Robots) -> Iterator[Finding]:
    for number, words in robots.faults[:50]:
        yield _finding("note", "robots.txt", f"Line {number}", words, "Correct or remove lines that crawlers skip")
    for rule in robots.groups.get("*", ()):
        if rule.path in ("/", "/*") and not rule.is_allowed:
            words = "The whole site is closed to crawlers without a group of their own"
            remedy = "Remove Disallow: / if the site is to be found"
            yield _finding("serious", "robots.txt", f"Line {rule.line}", words, remedy)
    if not robots.sitemaps:
        yield _finding(
            "note", "robots.txt", "robots.txt", "No sitemap is named", "Add a Sitemap line with the full address"
        )


def _sitemap_faults(seen: _Seen) -> Iterator[Finding]:
    known: set[str] = set()
    hosts = {urlsplit(entry.url).netloc for entry in seen.entries}
    if not seen.entries:
        yield _finding(
            "warning", "Sitemap", "sitemap", "The sitemap lists no address", "List the pages that are to be found"
        )
    if len(seen.entries) > MOST_URLS:
        words = f"The sitemap lists {len(seen.entries)} addresses; the protocol allows {MOST_URLS}"
        yield _finding("serious", "Sitemap", "sitemap", words, "Split the sitemap and list the parts in an index")
    if len(hosts) > 1:
        words = f"The sitemap's addresses are on {len(hosts)} hosts"
        yield _finding("warning", "Sitemap", "sitemap", words, "Keep a sitemap for each host")
    for entry in seen.entries:
        if urlsplit(entry.url).scheme not in ("http", "https"):
            words = "The sitemap has an entry that is no full address"
            yield _finding("warning", "Sitemap", entry.url, words, "Write addresses in full in the sitemap")
        if entry.url in known:
            yield _finding(
                "note", "Sitemap", entry.url, "The sitemap lists the address again", "List each address a single time"
            )
        known.add(entry.url)
        if entry.is_dated_wrong or (entry.changed_on and entry.changed_on > seen.today):
            words = f"The date of the last change is no day that has been: {entry.dated}"
            yield _finding("note", "Sitemap", entry.url, words, "Write lastmod as the day of the last change")


def _walks(hops: Mapping[str, Redirect]) -> tuple[list[list[str]], list[list[str]]]:
    """Give the chains (paths over several hops from a start that no other leads to) and the circles, each once."""
    targets = {item.target for item in hops.values()}
    chains, loops, circled = [], [], set[str]()
    for start in sorted(hops, key=lambda url: url in targets):
        path, on_path = [start], {start}
        while (hop := hops.get(path[-1])) is not None and hop.target not in on_path:
            path.append(hop.target)
            on_path.add(hop.target)
        if hop is not None:
            circle = path[path.index(hop.target) :]
            if circled.isdisjoint(circle):
                loops.append([*circle, hop.target])
                circled.update(circle)
        elif start not in targets and len(path) > 2:
            chains.append(path)
    return chains, loops


def _redirect_faults(redirects: Sequence[Redirect], seen: _Seen) -> Iterator[Finding]:
    if len(seen.hops) < len(redirects):
        words = f"{len(redirects) - len(seen.hops)} address(es) redirect to several targets; the last of each counts"
        yield _finding("warning", "Redirect", "redirects", words, "Keep a single redirect for each address")
    for path in seen.loops:
        yield _finding(
            "serious",
            "Redirect",
            path[0],
            f"The redirect leads round in a circle of {len(path) - 1}",
            "Break the circle",
        )
    for path in seen.chains:
        severity: Severity = "serious" if len(path) - 1 > LONGEST_CHAIN else "warning"
        remedy = "Let each redirect lead straight to the final address"
        yield _finding(severity, "Redirect", path[0], f"The redirect takes {len(path) - 1} hops to {path[-1]}", remedy)
    for item in redirects:
        if item.status in (302, 303, 307):
            remedy = "Use 301 or 308 where a page has moved for good"
            yield _finding("note", "Redirect", item.source, f"The redirect is temporary ({item.status})", remedy)
    for entry in seen.entries:
        if entry.url in seen.hops:
            words = "The sitemap lists an address that redirects"
            yield _finding("warning", "Sitemap", entry.url, words, "List final addresses in the sitemap")


def _blocked(seen: _Seen) -> list[str]:
    if seen.robots is None:
        return []
    wanted = dict.fromkeys([*seen.important, *(entry.url for entry in seen.entries)])
    if len(wanted) * sum(map(len, seen.robots.groups.values())) > MOST_CHECKS:
        raise ToolNeedsMore("sitemap: with so many rules in robots it is too long; give a part of it")
    return [url for url in wanted if not seen.robots.is_allowed(seen.crawler, url)]


def _blocked_finding(seen: _Seen, url: str) -> Finding:
    rule = seen.robots.rule_for(seen.crawler, url) if seen.robots else None
    words = f"robots.txt blocks the address for {seen.crawler}" + (f" in line {rule.line}" if rule else "")
    remedy = "Allow what is to be found, or take it out of the sitemap"
    return _finding("serious", "Blocked", url, words, remedy)


def _chain_rows(seen: _Seen) -> Iterator[dict[str, str | int]]:
    for kind, paths in (("circle", seen.loops), ("chain", sorted(seen.chains, key=len, reverse=True))):
        for path in paths:
            shown = " -> ".join(path[:12]) + (" ..." if len(path) > 12 else "")
            yield {"kind": kind, "hops": len(path) - 1, "start": path[0], "end": path[-1], "path": shown}
