"""Titles and descriptions as results show them, and the widths behind them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.snippets import fitted, has_phrase, snippet_check
from agents.tools.widths import TITLE_PIXELS, description_pixels, title_pixels
from tests.support.tool_runs import figures, rows, run

FINE = "A description that is long enough to say why a reader should click on this very result."


def page(url: str = "/a", title: str = "Green tea from small gardens", **more: Any) -> dict[str, Any]:
    return {"url": url, "title": title, "description": FINE, **more}


async def kinds(*pages: dict[str, Any]) -> list[tuple[str, str, str]]:
    result = await run(snippet_check, pages=list(pages))
    return [(item.place, item.check, item.severity) for item in result.findings]


def test_widths_are_those_of_the_font() -> None:
    # By hand from the metrics: H 722 + e 556 + l 222 + l 222 + o 556 = 2278 thousandths of 20 and of 14 pixels.
    assert title_pixels("Hello") == 46
    assert description_pixels("Hello") == 32
    assert title_pixels("é") == title_pixels("e")
    assert title_pixels("e\N{COMBINING ACUTE ACCENT}") == title_pixels("e")
    assert title_pixels("茶") == 20
    assert title_pixels("") == 0


async def test_pages_in_order_have_no_finding_and_no_proposal() -> None:
    result = await run(snippet_check, pages=[page(phrase="green tea"), page("/b", "Black tea for the morning")])

    assert result.findings == []
    assert rows(result, "proposals") == []
    assert figures(result)["clean_share"] == 100


async def test_each_fault_of_a_page_is_named() -> None:
    assert await kinds(page(title="")) == [("/a", "Missing", "serious")]
    assert await kinds(page(title="Green tea")) == [("/a", "Short", "note")]
    assert await kinds(page(title="Wide " * 20)) == [("/a", "Long title", "warning")]
    assert await kinds(page(description="")) == [("/a", "Missing", "warning")]
    assert await kinds(page(description="Short.")) == [("/a", "Short", "note")]
    assert await kinds(page(description="Wide words " * 20)) == [("/a", "Long description", "note")]
    assert await kinds(page(phrase="black tea")) == [("/a", "Phrase", "warning")]


async def test_titles_that_look_alike_are_told_on_both_pages() -> None:
    found = await kinds(page("/a"), page("/b", "From small gardens: green tea!"), page("/c", "Iron pots for the fire"))

    assert found == [("/a", "Duplicate", "warning"), ("/b", "Duplicate", "warning")]


async def test_a_proposal_names_the_phrase_and_fits() -> None:
    result = await run(
        snippet_check,
        site="Harbour",
        pages=[
            page(title="Tea", phrase="oolong"),
            page("/b", title="", phrase="green tea"),
            page("/c", title="A very long title that goes on and on until nobody can remember how it began at all"),
        ],
    )

    proposals = {row["url"]: row["title"] for row in rows(result, "proposals")}
    assert proposals["/a"] == "Oolong: Tea | Harbour"
    assert proposals["/b"] == "Green tea | Harbour"
    assert proposals["/c"].endswith("\N{HORIZONTAL ELLIPSIS}")
    assert all(title_pixels(title) <= TITLE_PIXELS for title in proposals.values())


@given(st.text("abc W.", max_size=300), st.integers(0, 700))
def test_a_cut_text_fits_and_is_a_start_of_the_text(text: str, room: int) -> None:
    cut = fitted(text, room, title_pixels)

    assert title_pixels(cut) <= room or cut == ""
    assert cut == text or " ".join(text.split()).startswith(cut.removesuffix("\N{HORIZONTAL ELLIPSIS}"))


def test_a_phrase_counts_as_whole_words_in_order() -> None:
    assert has_phrase("The Green-house: green tea!", "green tea")
    assert not has_phrase("evergreen teapot", "green tea")
    assert not has_phrase("tea, green", "green tea")


async def test_a_page_without_an_address_names_its_field() -> None:
    with pytest.raises(ValidationError, match=r"pages\.0\.url"):
        await run(snippet_check, pages=[page("")])
