"""Newsletters."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.newsletters import SUBJECT_ROOM, newsletter
from tests.support.tool_runs import figures, rows, run, text


def item(title: str, length: int = 10, priority: int = 3, **more: Any) -> dict[str, Any]:
    return {"title": title, "summary": "word " * length, "priority": priority, **more}


async def test_items_go_by_priority_and_otherwise_keep_their_order() -> None:
    result = await run(newsletter, name="Letter", items=[item("a"), item("b", priority=5), item("c")])

    assert result.order == ["b", "a", "c"]
    assert figures(result)["lead"] == "b"
    assert [row["place"] for row in rows(result, "order")] == [1, 2, 3]


async def test_what_does_not_fit_is_left_out_and_a_shorter_item_may_still_fit() -> None:
    result = await run(
        newsletter,
        name="Letter",
        most_words=50,
        items=[item("a", 30, 5), item("b", 25, 4), item("c", 10, 3)],
    )

    assert result.order == ["a", "c"]
    found = figures(result)
    assert (found["letter_words"], found["left_out_count"], found["left_out"]) == (42, 1, "b")


async def test_the_lead_stands_even_when_it_is_too_long() -> None:
    result = await run(newsletter, name="Letter", most_words=50, items=[item("a", 80)])

    assert result.order == ["a"]


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 5)), min_size=1, max_size=10), st.integers(50, 200))
async def test_items_together_stay_within_the_limit(given_items: list[tuple[int, int]], most: int) -> None:
    items = [item(f"title {place}", *pair) for place, pair in enumerate(given_items)]

    result = await run(newsletter, name="Letter", items=items, most_words=most)

    found = figures(result)
    assert found["letter_words"] <= most or found["kept_count"] == 1
    assert found["kept_count"] + found["left_out_count"] == len(items)


async def test_the_letter_is_plain_text_with_links_and_signature() -> None:
    result = await run(
        newsletter,
        name="Letter",
        sender="The shop",
        greeting="Dear\r\nBcc: all@example.com",
        items=[item("News", 2, url="https://shop.example/news")],
    )

    assert text(result, "letter").splitlines() == [
        "Subject: News",
        "Preview: word word",
        "",
        "Dear Bcc: all@example.com",
        "",
        "News",
        "----",
        "word word",
        "https://shop.example/news",
        "",
        "The shop",
    ]


async def test_a_subject_that_phones_cut_is_told_and_shorter_ones_come_in_front() -> None:
    result = await run(newsletter, name="Letter", items=[item("t" * (SUBJECT_ROOM + 5)), item("short", priority=1)])

    found = figures(result)
    assert (found["subject_length"], found["subject_over"]) == (SUBJECT_ROOM + 5, 5)
    fitting = await run(newsletter, name="Letter", items=[item("t" * 30), item("u" * 30, priority=1)])
    lengths = [row["length"] for row in rows(fitting, "subjects")]
    assert lengths[0] == 30
    assert [length > SUBJECT_ROOM for length in lengths] == sorted(length > SUBJECT_ROOM for length in lengths)


async def test_a_title_given_again_and_a_wrong_link_are_refused_by_name() -> None:
    with pytest.raises(ToolNeedsMore, match="items"):
        await run(newsletter, name="Letter", items=[item("A"), item("a ")])
    with pytest.raises(ValidationError, match=r"items\.0\.url"):
        await run(newsletter, name="Letter", items=[item("A", url="shop.example")])
