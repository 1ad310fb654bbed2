"""robots.txt, sitemaps and redirects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools import robots_rules, sitemaps
from agents.tools.crawling import crawl_check
from tests.support.tool_runs import figures, rows, run

ROOT = "https://a.example"
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


def sitemap(*paths: str) -> str:
    return SITEMAP.format("".join(f"<url><loc>{ROOT}{path}</loc></url>" for path in paths))


def hop(source: str, target: str, status: int = 301) -> dict[str, Any]:
    return {"source": ROOT + source, "target": ROOT + target, "status": status}


@pytest.mark.parametrize(
    ("rules", "path", "is_allowed"),
    [
        ("Disallow: /fish", "/fish.html", False),
        ("Disallow: /fish", "/Fish.asp", True),
        ("Disallow: /fish", "/catfish", True),
        ("Disallow: /fish/", "/fish", True),
        ("Disallow: /*.php", "/folder/any.php.file.html", False),
        ("Disallow: /*.php", "/", True),
        ("Disallow: /*.php$", "/filename.php", False),
        ("Disallow: /*.php$", "/filename.php?parameters", True),
        ("Disallow: /fish*.php", "/fishheads/catfish.php?parameters", False),
        ("Disallow: /fish*.php", "/Fish.PHP", True),
        ("Allow: /p\nDisallow: /", "/page", True),
        ("Allow: /folder\nDisallow: /folder", "/folder/page", True),
        ("Allow: /page\nDisallow: /*.htm", "/page.htm", False),
        ("Allow: /$\nDisallow: /", "/", True),
        ("Allow: /$\nDisallow: /", "/page.htm", False),
        ("Disallow:", "/anything", True),
        ("Disallow: /a?b", "/a?b=c", False),
        ("Disallow: /caf%C3%A9", "/café", False),
        ("Disallow: /café", "/caf%C3%A9", False),
        ("Disallow: /x$", "/x", False),
        ("Disallow: /x$", "/xx", True),
        ("Disallow: /a*a$", "/a", True),
    ],
)
def test_rules_hold_as_the_standard_and_googles_examples_say(rules: str, path: str, is_allowed: bool) -> None:
    robots = robots_rules.read(f"User-agent: *\n{rules}")

    assert robots.is_allowed("Googlebot", f"{ROOT}{path}") is is_allowed


def test_the_group_of_the_crawler_counts_and_groups_of_one_name_are_merged() -> None:
    robots = robots_rules.read(
        "\ufeffUser-Agent: GoogleBot\nUser-agent: Bingbot/2.0\nDisallow: /a # note\n\nUser-agent: *\nDisallow: /\n"
        "user-agent: googlebot\ndisallow: /b\nSitemap: https://a.example/s.xml"
    )

    assert not robots.is_allowed("Googlebot", f"{ROOT}/a")
    assert not robots.is_allowed("googlebot", f"{ROOT}/b")
    assert robots.is_allowed("Googlebot", f"{ROOT}/c")
    assert not robots.is_allowed("bingbot", f"{ROOT}/a")
    assert not robots.is_allowed("Other", f"{ROOT}/c")
    assert robots.sitemaps == ("https://a.example/s.xml",)
    assert robots.faults == ()


def test_lines_that_nobody_reads_are_told_with_their_number() -> None:
    robots = robots_rules.read("Disallow: /a\nUser-agent: *\nNoindex: /b\nhello\nCrawl-delay: 3")

    assert [number for number, _ in robots.faults] == [1, 3, 4]


@given(st.text("/ab*$", max_size=12), st.text("/ab", max_size=12))
def test_a_pattern_matches_as_the_regular_expression_of_the_standard_does(pattern: str, path: str) -> None:
    import re

    is_anchored = pattern.endswith("$")
    inner = pattern[:-1] if is_anchored else pattern
    expression = ".*".join(re.escape(piece) for piece in inner.split("*")) + ("$" if is_anchored else "")

    assert robots_rules.Rule(pattern, False, 1).matches(path) is bool(re.match(expression, path))


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><urlset/>', "document type"),
        ('<!doctype urlset SYSTEM "file:///etc/hostname"><urlset/>', "document type"),
        ("<urlset>", "cannot be read"),
        ("", "cannot be read"),
        ("<rss/>", "no sitemap"),
    ],
)
async def test_what_is_no_sitemap_is_a_serious_finding(xml: str, words: str) -> None:
    result = await run(crawl_check, sitemap=xml)

    assert [(item.severity, item.check) for item in result.findings] == [("serious", "Sitemap")]
    assert words in result.findings[0].finding


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025", "2025-01-01"),
        ("2025-03", "2025-03-01"),
        ("2025-03-04", "2025-03-04"),
        ("2025-03-04T05:06:07+02:00", "2025-03-04"),
        ("2025-03-04T05:06Z", "2025-03-04"),
        ("yesterday", None),
        ("2025-02-30", None),
    ],
)
def test_dates_are_read_in_the_forms_of_the_protocol(written: str, day: str | None) -> None:
    entry = sitemaps.read(SITEMAP.format(f"<url><loc>{ROOT}/</loc><lastmod>{written}</lastmod></url>"))[0]

    assert (entry.changed_on and entry.changed_on.isoformat()) == day
    assert entry.is_dated_wrong is (day is None)


async def test_wanted_addresses_that_are_blocked_are_named_with_the_line() -> None:
    result = await run(
        crawl_check,
        robots="User-agent: *\nDisallow: /cart\nSitemap: https://a.example/s.xml",
        sitemap=sitemap("/", "/cart"),
        important=[f"{ROOT}/cart/help", f"{ROOT}/cart"],
    )

    assert [(item.severity, item.place) for item in result.findings] == [
        ("serious", f"{ROOT}/cart/help"),
        ("serious", f"{ROOT}/cart"),
    ]
    assert "in line 2" in result.findings[0].finding
    assert figures(result)["blocked_count"] == 2


async def test_a_site_that_is_closed_altogether_is_serious() -> None:
    result = await run(crawl_check, robots="User-agent: *\nDisallow: /\nSitemap: https://a.example/s.xml")

    assert [item.severity for item in result.findings] == ["serious"]


async def test_chains_circles_and_temporary_redirects_are_told_apart() -> None:
    result = await run(
        crawl_check,
        redirects=[
            hop("/a", "/b"), hop("/b", "/c"), hop("/c", "/d"),
            hop("/x", "/y"), hop("/y", "/x"), hop("/into", "/x"),
            hop("/self", "/self"), hop("/once", "/d", 302),
        ],
    )  # fmt: skip

    found = figures(result)
    assert (found["chain_count"], found["loop_count"], found["temporary_count"]) == (1, 2, 1)
    assert (found["longest_chain"], found["longest_start"]) == (3, f"{ROOT}/a")
    assert [(row["kind"], row["hops"]) for row in rows(result, "chains")] == [
        ("circle", 2),
        ("circle", 1),
        ("chain", 3),
    ]


@given(st.dictionaries(st.integers(0, 8), st.integers(0, 8), max_size=9))
async def test_every_redirect_that_never_ends_is_in_or_before_a_circle(hops: dict[int, int]) -> None:
    result = await run(crawl_check, robots="", redirects=[hop(f"/{a}", f"/{b}") for a, b in hops.items()])

    def ends(start: int) -> bool:
        for _ in range(10):
            if start not in hops:
                return True
            start = hops[start]
        return False

    assert (figures(result)["loop_count"] > 0) is not all(ends(start) for start in hops)


async def test_a_sitemap_is_checked_for_repeats_dates_hosts_and_redirects() -> None:
    urls = [f"{ROOT}/a", f"{ROOT}/a", "https://b.example/", "/relative"]
    xml = SITEMAP.format("".join(f"<url><loc>{url}</loc><lastmod>2999-01-01</lastmod></url>" for url in urls))

    result = await run(crawl_check, sitemap=xml, redirects=[hop("/a", "/b")])

    checks = sorted(item.finding.split(":")[0] for item in result.findings)
    assert checks.count("The date of the last change is no day that has been") == 4
    assert "The sitemap lists the address again" in checks
    assert "The sitemap has an entry that is no full address" in checks
    assert "The sitemap's addresses are on 3 hosts" in checks
    assert figures(result)["moved_count"] == 2


async def test_a_site_in_order_has_no_finding() -> None:
    result = await run(
        crawl_check,
        robots="User-agent: *\nDisallow: /cart\nSitemap: https://a.example/s.xml",
        sitemap=sitemap("/", "/tea"),
        redirects=[hop("/old", "/tea")],
    )

    assert result.findings == []


async def test_without_anything_to_check_it_asks_for_it() -> None:
    with pytest.raises(ToolNeedsMore, match="robots, sitemap and redirects"):
        await run(crawl_check)


async def test_a_comparison_without_end_is_refused_by_name() -> None:
    rules = "User-agent: *\n" + "\n".join(f"Disallow: /{number}" for number in range(2000))

    with pytest.raises(ToolNeedsMore, match="sitemap"):
        await run(crawl_check, robots=rules, sitemap=sitemap(*(f"/{number}" for number in range(2001))))


async def test_a_status_that_is_no_redirect_names_its_field() -> None:
    with pytest.raises(ValidationError, match=r"redirects\.0\.status"):
        await run(crawl_check, redirects=[hop("/a", "/b", 200)])
