"""Key sentences, and the drafts that are made of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.summaries import POST_LENGTH, key_sentences
from agents.tools.words import sentences
from tests.support.tool_runs import figures, run, text

TEA = (
    "Green tea needs cool water and little time. Hot water makes green tea bitter. Cool water keeps green tea sweet. "
    "Our shop opens on Monday at nine. A rug of wool lies in front of it."
)


async def test_sentences_that_share_most_with_the_others_are_the_key() -> None:
    result = await run(key_sentences, text=TEA, title="Tea", count=3)

    assert result.key_sentences == sentences(TEA)[:3]
    assert figures(result)["lead"] in result.key_sentences


async def test_drafts_carry_the_texts_own_words_and_its_address() -> None:
    result = await run(key_sentences, text=TEA, title="Tea at home", url="https://shop.example/tea", count=2)

    for part in ("post", "thread", "mail"):
        draft = text(result, part)
        assert "Tea at home" in draft
        assert "https://shop.example/tea" in draft
        assert result.key_sentences[0] in draft
    assert text(result, "thread").startswith("1/4 Tea at home")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("abc d", min_size=10, max_size=600), min_size=3, max_size=8), st.integers(2, 12))
async def test_no_post_of_a_thread_is_too_long(parts: list[str], count: int) -> None:
    body = " ".join(f"We say {place} b c {part.strip()} here." for place, part in enumerate(parts))

    result = await run(key_sentences, text=body, title="Title", url="https://shop.example/tea", count=count)

    posts = text(result, "thread").split("\n\n")
    assert figures(result)["thread_count"] == len(posts)
    assert all(len(post) <= POST_LENGTH and re.match(r"\d+/\d+ ", post) for post in posts)
    assert len(result.key_sentences) == min(count, len(set(sentences(body))))


async def test_sentences_without_anything_in_common_weigh_the_same_and_the_front_ones_are_taken() -> None:
    apart = "Red rugs lie here now. Blue lamps hang over there. Old clocks strike every hour."

    result = await run(key_sentences, text=apart, title="Things", count=2)

    assert result.key_sentences == sentences(apart)[:2]


async def test_a_sentence_that_comes_again_is_taken_a_single_time() -> None:
    result = await run(
        key_sentences, text="We sell fine tea here. " * 6 + "Our tea comes from gardens.", title="T", count=9
    )

    assert result.key_sentences == ["We sell fine tea here.", "Our tea comes from gardens."]


async def test_a_text_of_too_many_sentences_is_refused_by_name() -> None:
    many = " ".join(f"This is sentence number {place} here." for place in range(600))

    with pytest.raises(ToolNeedsMore, match="text: it has more than 500"):
        await run(key_sentences, text=many, title="T")


async def test_a_text_without_two_sentences_is_refused_by_name() -> None:
    with pytest.raises(ToolNeedsMore, match="text"):
        await run(key_sentences, text="Only one sentence stands here.", title="Title")
    with pytest.raises(ValidationError, match="url"):
        await run(key_sentences, text=TEA, title="Title", url="javascript:alert(1)")
