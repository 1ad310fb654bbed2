"""The on-page audit: each check on a page that fails it alone, and a page that passes all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.fetching import Fetcher, use
from agents.tooling import ToolFailed, ToolNeedsMore
from agents.tools.html_pages import read
from agents.tools.page_audit import page_audit
from tests.support.sites import Site, serve
from tests.support.tool_runs import figures, rows, run

URL = "https://shop.example/tea"
TEXT = "<p>" + "Our green tea comes from small gardens and is picked by hand. " * 40 + "</p>"
GOOD = f"""<!doctype html><html lang="en"><head><title>Green tea from small gardens | Shop</title>
<meta name="description" content="Loose green tea of the spring harvest, picked by hand and sent within days.">
<meta name="viewport" content="width=device-width"><link rel="canonical" href="{URL}">
<meta property="og:title" content="Green tea"><meta property="og:image" content="https://shop.example/a.jpg">
<script type="application/ld+json">{{"@type": "Product", "name": "Tea"}}</script></head>
<body><h1>Green tea</h1><h2>Gardens</h2>{TEXT}
<img src="/a.jpg" alt="Leaves"><a href="/shop">All teas</a></body></html>"""


async def audited(html: str, **more: Any) -> list[tuple[str, str, str]]:
    result = await run(page_audit, html=html, **{"url": URL, **more})
    return [(item.severity, item.check, item.finding) for item in result.findings]


async def test_a_page_in_order_has_no_finding() -> None:
    result = await run(page_audit, html=GOOD, url=URL, keyword="green tea")

    assert result.findings == []
    found = figures(result)
    assert (found["passed_count"], found["passed_share"]) == (15, 100)
    assert found["title_length"] == len("Green tea from small gardens | Shop")
    assert found["word_count"] == 40 * 12 + 5


@pytest.mark.parametrize(
    ("old", "new", "severity", "check", "finding"),
    [
        ("<title>Green tea from small gardens | Shop</title>", "", "serious", "Title", "missing"),
        ("Green tea from small gardens | Shop", "Green tea", "note", "Title", "only 9 characters"),
        ("Green tea from small gardens | Shop", "Green tea " + "WWWW " * 20, "warning", "Title", "is cut"),
        ("</title>", "</title><title>Other</title>", "warning", "Title", "2 titles"),
        ('name="description"', 'name="other"', "warning", "Description", "missing"),
        ("Loose green tea of the spring harvest,", "Green tea. " * 30, "note", "Description", "is cut"),
        ("<h1>Green tea</h1>", "", "warning", "Headings", "no main heading"),
        ("<h2>Gardens</h2>", "<h1>Green tea</h1>", "note", "Headings", "2 main headings"),
        ("<h2>Gardens</h2>", "<h4>Gardens</h4>", "note", "Headings", "from level 1 to level 4"),
        (f'<link rel="canonical" href="{URL}">', "", "note", "Canonical", "No canonical"),
        (f'href="{URL}"', 'href="/tea"', "note", "Canonical", "relative"),
        (f'href="{URL}"', 'href="https://shop.example/x"', "warning", "Canonical", "another page"),
        ("</head>", '<link rel="canonical" href="/x"></head>', "serious", "Canonical", "contradict"),
        ("</head>", '<meta name="ROBOTS" content="NOINDEX"></head>', "serious", "Robots", "not to be indexed"),
        ("</head>", '<meta name="robots" content="nofollow"></head>', "warning", "Robots", "not followed"),
        ('<html lang="en">', "<html>", "warning", "Language", "not named"),
        ('<html lang="en">', '<html lang="english language">', "note", "Language", "not a language tag"),
        (' alt="Leaves"', "", "warning", "Images", "1 of 1 images"),
        (">All teas<", "><", "warning", "Links", "no text"),
        (">All teas<", ">Click here<", "note", "Links", 'no more than "Click here"'),
        ('href="/shop"', 'href="javascript:go()"', "note", "Links", "nowhere"),
        ('src="/a.jpg"', 'src="http://shop.example/a.jpg"', "warning", "Encryption", "1 file(s)"),
        ('{"@type": "Product", "name": "Tea"}', '{"@type": ', "warning", "Structured data", "cannot be read"),
        ('{"@type": "Product", "name": "Tea"}', "{}", "note", "Structured data", "no structured data"),
        ('name="viewport"', 'name="other"', "warning", "Viewport", "phones"),
        ('property="og:image"', 'property="og:other"', "note", "Sharing", "og:image"),
        (TEXT, "<p>green tea</p>", "note", "Length", "thin"),
    ],
)
async def test_each_fault_is_found_alone(old: str, new: str, severity: str, check: str, finding: str) -> None:
    assert old in GOOD

    found = await audited(GOOD.replace(old, new, 1), keyword="green tea")

    own = [item for item in found if item[1] == check]
    assert [item[:2] for item in own] == [(severity, check)]
    assert finding in own[0][2]


async def test_a_phrase_that_is_nowhere_is_told_for_each_place() -> None:
    found = await audited(GOOD, keyword="oolong")

    assert [item[0] for item in found] == ["warning", "warning", "note", "note"]
    assert {item[1] for item in found} == {"Phrase"}


async def test_the_gravest_findings_come_in_front() -> None:
    found = await audited("<title></title><meta name=robots content=none><p>Hello")

    order = [item[0] for item in found]
    assert order == sorted(order, key=["serious", "warning", "note"].index)
    assert order[0] == "serious"


async def test_an_empty_alt_is_a_decoration_and_no_fault() -> None:
    assert await audited(GOOD.replace('alt="Leaves"', 'alt=""')) == []


async def test_a_title_inside_a_picture_is_not_the_pages() -> None:
    assert await audited(GOOD.replace("<h2>", "<svg><title>Logo</title></svg><h2>")) == []


async def test_the_outline_shows_the_headings_in_order() -> None:
    result = await run(page_audit, html=GOOD, url=URL)

    assert rows(result, "outline") == [
        {"level": "H1", "heading": "Green tea"},
        {"level": "H2", "heading": "Gardens"},
    ]


async def test_without_html_and_address_it_asks_for_them() -> None:
    with pytest.raises(ToolNeedsMore, match="html, or its url"):
        await run(page_audit)


async def test_html_over_the_cap_names_its_field() -> None:
    with pytest.raises(ValidationError, match="html"):
        await run(page_audit, html="a" * 500_001)


async def test_entities_of_a_page_are_not_expanded_and_nothing_is_loaded() -> None:
    page = read(
        '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY x SYSTEM "file:///etc/hostname">]><p>start &a;&x; end</p>'
    )

    assert "aaaaaaaaaa" not in page.text
    assert page.text.endswith("&a;&x; end")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/='\" abhtmlscript!-[]{}&;1\n", max_size=200))
async def test_whatever_the_markup_is_the_audit_gives_a_result(html: str) -> None:
    result = await run(page_audit, html=html)

    assert figures(result)["check_count"] == 15


@pytest.mark.parametrize("opened", ["<div>", "<h1>", "<a href=x><div>", "<svg><title>", "<template>", "<table><td>"])
async def test_deeply_nested_markup_is_read(opened: str) -> None:
    assert await audited(opened * 5000 + "x")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serve() as made:
        yield made


async def test_an_address_is_fetched_with_its_status_and_headers(site: Site) -> None:
    site.redirect("/old", "/tea")
    site.page("/tea", GOOD, more="X-Robots-Tag: googlebot: noindex\r\n")

    with use(Fetcher(allowed=[("127.0.0.1", site.port)])):
        result = await run(page_audit, url=f"{site.url}/old")

    assert figures(result)["status"] == 200
    assert result.source == f"{site.url}/tea"
    found = [(item.check, item.place) for item in result.findings]
    assert ("Robots", "X-Robots-Tag") in found
    assert ("Answer", "HTTP") in found


async def test_an_inner_address_is_not_fetched(site: Site) -> None:
    with pytest.raises(ToolFailed):
        await run(page_audit, url=site.url)
    assert site.requests == []
