"""Checking a post: each network's way of counting, and what keeps readers out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools import networks
from agents.tools.networks import NETWORKS
from agents.tools.posts import post_check
from tests.support.tool_runs import figures, run


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("hello", 5),
        ("see https://example.com/a/very/long/path/indeed", 27),  # four signs and a link of 23
        ("\u4f60\u597d", 4),  # each CJK sign weighs two
        ("ok \U0001f468\u200d\U0001f469\u200d\U0001f467", 5),  # a family is a single emoji of weight two
        ("cafe\u0301", 4),  # counted after normalisation, as the network documents it
    ],
)
def test_x_counts_by_weight(text: str, size: int) -> None:
    assert networks.length(text, NETWORKS["x"]) == size


def test_bluesky_counts_what_a_reader_sees() -> None:
    assert networks.length("a\U0001f44d\U0001f3fde\u0301", NETWORKS["bluesky"]) == 3
    assert networks.length("\U0001f1e9\U0001f1ea \U0001f1eb\U0001f1f7", NETWORKS["bluesky"]) == 3


@given(st.text(alphabet="abc xyz", max_size=400))
def test_plain_letters_count_the_same_everywhere(text: str) -> None:
    assert {networks.length(text, network) for network in NETWORKS.values()} == {len(text)}


def test_hashtags_are_read_but_not_inside_links_or_numbers() -> None:
    assert networks.hashtags("#One two#no https://a.example/#part #42 #Two_b") == ["#One", "#Two_b"]


async def test_a_text_over_the_limit_fails_and_is_cut_at_a_sentence() -> None:
    text = "A short sentence. " * 20
    result = await run(post_check, text=text, networks=["x", "linkedin"])
    found = figures(result)
    assert (found["networks_failed"], found["over_by"]) == (1, len(text) - 280)
    assert result.fits == ["linkedin"]
    cut = result.parts["shortened"].text
    assert len(cut) <= 280
    assert cut.endswith("sentence.")


async def test_a_single_long_word_is_cut_as_well() -> None:
    result = await run(post_check, text="a" * 600, networks=["x"])
    assert 0 < len(result.parts["shortened"].text) <= 280


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Look #packagingdesign", "capital for each word"),
        ("So good \U0001f600\U0001f600 \U0001f600", "row of emoji"),
        ("\U0001d417\U0001d418 sale", "plain letters"),
        ("THIS IS THE BEST OFFER EVER now", "capitals"),
        ("See http://example.com", "https address"),
        ("https://a.example and https://b.example", "single link"),
        ("@somebody look at this", "do not begin with a name"),
    ],
)
async def test_what_keeps_readers_out_is_named(text: str, says: str) -> None:
    result = await run(post_check, text=text, networks=["x"])
    assert any(says in item.text for item in result.parts["findings"].items)


async def test_images_need_a_description_that_says_something() -> None:
    result = await run(post_check, text="Look", networks=["x"], images=3, alt_texts=["A red box", "image", " "])
    texts = [item.text for item in result.parts["findings"].items]
    assert figures(result)["missing_alt"] == 1
    assert "Describe each image" in texts
    assert any("not that it is an image" in text for text in texts)


async def test_a_clean_post_has_nothing_to_put_right() -> None:
    result = await run(post_check, text="New boxes are here. #NewBoxes", networks=["x", "linkedin", "threads"])
    found = figures(result)
    assert (found["errors"], found["warnings"]) == (0, 0)
    assert "main_finding" not in found
    assert "shortened" not in result.parts


async def test_a_link_where_links_do_not_work_is_told() -> None:
    result = await run(post_check, text="See https://a.example", networks=["instagram"])
    assert figures(result)["main_finding"] == "Instagram: move the link to the profile"


def test_an_unknown_network_is_refused_by_its_field() -> None:
    with pytest.raises(ValidationError, match=r"networks\.0"):
        post_check.args.model_validate({"text": "a", "networks": ["myspace"]})
