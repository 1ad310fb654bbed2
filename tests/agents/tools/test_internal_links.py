"""The plan of internal links."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.tooling import ToolNeedsMore
from agents.tools.internal_links import link_plan, plain_address
from tests.support.tool_runs import figures, rows, run

ROOT = "https://a.example"


def page(path: str, title: str, *links: str, text: str = "") -> dict[str, Any]:
    return {"url": f"{ROOT}{path}", "title": title, "text": text, "links": list(links)}


async def test_weights_are_those_of_pagerank_by_hand() -> None:
    result = await run(link_plan, pages=[page("/", "Home", "/a"), page("/a", "Kettle", "/")])

    assert [row["weight"] for row in rows(result, "pages")] == [50.0, 50.0]

    star = await run(
        link_plan, pages=[page("/", "Home"), page("/a", "Kettle", "/"), page("/b", "Lamp", "/"), page("/c", "Rug", "/")]
    )
    # A dead end passes its weight to all: h = 0.15/4 + 0.85 (3 l + h/4) and l = 0.15/4 + 0.85 h/4 give h = 0.542.
    assert rows(star, "pages")[0]["weight"] == 54.2


async def test_orphans_dead_ends_and_foreign_links_are_counted() -> None:
    result = await run(
        link_plan,
        pages=[
            page("/", "Home", "/a#part", "/a/", "https://other.example/", "/missing"),
            page("/a", "Kettle"),
            page("/b", "Lamp", "/b", "/"),
        ],
    )

    found = figures(result)
    assert (found["link_count"], found["orphan_count"], found["dead_end_count"]) == (2, 1, 1)
    assert (found["unknown_count"], found["orphan"], found["dead_end"]) == (2, "Lamp", "Kettle")


async def test_related_pages_are_joined_and_orphans_come_in_front() -> None:
    result = await run(
        link_plan,
        per_page=1,
        pages=[
            page("/", "Home", "/a", "/b", "/c"),
            page("/a", "Brewing green tea", text="Brew green tea with cool water."),
            page("/b", "Green tea brewing times", text="How long to brew green tea."),
            page("/c", "Wool rugs", text="Rugs of wool for the floor."),
            page("/d", "Washing wool", text="How to wash rugs and wool."),
        ],
    )

    pairs = [(item.source.removeprefix(ROOT), item.target.removeprefix(ROOT)) for item in result.suggestions]
    assert pairs[0] == ("/c", "/d")
    assert set(pairs[1:]) == {("/a", "/b"), ("/b", "/a"), ("/d", "/c")}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=15))
async def test_no_suggestion_repeats_a_link_or_leads_to_its_own_page(edges: list[tuple[int, int]]) -> None:
    pages = [
        page(f"/{number}", f"Tea {number}", *(f"/{to}" for start, to in edges if start == number))
        for number in range(6)
    ]

    result = await run(link_plan, pages=pages)

    existing = {(f"{ROOT}/{start}", f"{ROOT}/{to}") for start, to in edges}
    assert all((item.source, item.target) not in existing for item in result.suggestions)
    assert all(item.source != item.target for item in result.suggestions)
    assert sum(row["weight"] for row in rows(result, "pages")) == pytest.approx(100, abs=0.5)


async def test_an_address_given_again_and_an_unknown_home_are_refused_by_name() -> None:
    with pytest.raises(ToolNeedsMore, match="pages"):
        await run(link_plan, pages=[page("/a", "Kettle"), page("/a/", "Lamp")])
    with pytest.raises(ToolNeedsMore, match="home"):
        await run(link_plan, pages=[page("/a", "Kettle"), page("/b", "Lamp")], home="/nowhere")


def test_addresses_are_compared_without_fragment_and_final_slash() -> None:
    assert plain_address("https://a.example/x/#y") == "https://a.example/x"
    assert plain_address("/") == "/"
