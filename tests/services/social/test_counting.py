"""Lengths as each network counts them, hashtags, previews, and what is wrong with a post."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.services.social import hashtags
from bizosaas_app.services.social.counting import Counting, length
from bizosaas_app.services.social.networks import NETWORKS, NetworkKey
from bizosaas_app.services.social.previews import Words, pieces, preview

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
LONG_LINK = "https://example.com/" + "a" * 200


@pytest.mark.parametrize(
    ("counting", "link_length", "text", "expected"),
    [
        ("weighted", 23, "plain", 5),
        ("weighted", 23, "caf\u00e9", 4),
        ("weighted", 23, "cafe\u0301", 4),
        ("weighted", 23, "\u4e2d\u6587", 4),
        ("weighted", 23, FAMILY, 2),
        ("weighted", 23, "\U0001f1e9\U0001f1ea", 2),
        ("weighted", 23, "\u00a9", 1),
        ("weighted", 23, "1", 1),
        ("weighted", 23, f"see {LONG_LINK}", 27),
        ("weighted", 23, f"see {LONG_LINK}.", 28),
        ("weighted", 23, f"{LONG_LINK} {LONG_LINK}", 47),
        ("graphemes", 0, FAMILY, 1),
        ("graphemes", 0, "e\u0301", 1),
        ("graphemes", 0, LONG_LINK, 220),
        ("short mentions", 23, f"@ada@social.example {LONG_LINK}", 28),
        ("short mentions", 23, "mail ada@social.example", 23),
        ("characters", 0, FAMILY, 5),
        ("bytes", 0, "\u20ac", 3),
    ],
)
def test_a_text_is_as_long_as_its_network_says(counting: Counting, link_length: int, text: str, expected: int) -> None:
    assert length(text, counting, link_length=link_length) == expected


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("#Sale", "Sale"),
        ("  summer sale ", "summerSale"),
        ("summer-sale!", "summerSale"),
        ("\uff03\u5915\u65e5", "\u5915\u65e5"),
        ("a_b", "a_b"),
        ("2026 plans", "2026Plans"),
    ],
)
def test_a_hashtag_has_one_spelling(typed: str, tag: str) -> None:
    assert hashtags.normalise(typed) == tag
    assert hashtags.normalise(tag) == tag


@pytest.mark.parametrize("typed", ["", "#", "!!", "2026", "x" * 101])
def test_what_is_no_hashtag_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="hashtag"):
        hashtags.normalise(typed)


def test_hashtags_come_once_and_not_again_when_the_text_has_them() -> None:
    assert hashtags.normalise_all(["Sale", "#sale", "New"]) == ["Sale", "New"]
    assert hashtags.join("The #sale begins", ["Sale", "New"]) == "The #sale begins\n\n#New"
    assert hashtags.join("", ["New"]) == "#New"


def test_what_stands_in_a_link_is_no_hashtag() -> None:
    assert [tag for _, _, tag in hashtags.find("https://a.example/#top #real a#b &#39; #1 #a1")] == ["real", "a1"]


@given(st.text())
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    assert "".join(piece.text for piece in pieces(text)) == text


@given(st.text(), st.lists(st.from_regex(r"[A-Za-z]{1,10}", fullmatch=True), max_size=5))
def test_joined_hashtags_are_found_again(text: str, tags: list[str]) -> None:
    plain = text.replace("#", "")
    found = {tag.casefold() for _, _, tag in hashtags.find(hashtags.join(plain, hashtags.normalise_all(tags)))}
    assert {tag.casefold() for tag in tags} <= found


PROBLEMS: list[tuple[NetworkKey, Words, dict[str, str]]] = [
    ("x", Words(text="a" * 280), {}),
    ("x", Words(text="a" * 281), {"text": "X takes 280 characters; this has 281"}),
    ("x", Words(text=" "), {"text": "Write something"}),
    ("x", Words(text="a", title="No"), {"title": "Posts on X have no title"}),
    ("bluesky", Words(text=FAMILY * 300), {"text": "Bluesky takes 3,000 bytes; this has 5,400"}),
    ("bluesky", Words(text="a" * 301), {"text": "Bluesky takes 300 characters; this has 301"}),
    ("mastodon", Words(text="a" * 476 + f" {LONG_LINK}"), {}),
    ("instagram", Words(text="a"), {"media_url": "Instagram needs a picture or a video"}),
    (
        "instagram",
        Words(text="a", tags=[f"t{n}" for n in range(31)], media_url="https://a.example/p.jpg"),
        {"hashtags": "Instagram takes 30 hashtags; this has 31"},
    ),
    (
        "youtube",
        Words(text="a", media_url="https://a.example/v.mp4"),
        {"title": "YouTube needs a title"},
    ),
    (
        "youtube",
        Words(text="a < b", title="T", media_url="https://a.example/v.mp4"),
        {"text": "YouTube does not take the characters < >"},
    ),
    (
        "pinterest",
        Words(text="a", title="t" * 101, media_url="https://a.example/p.jpg"),
        {"title": "Pinterest takes a title of 100 characters; this has 101"},
    ),
    (
        "pinterest",
        Words(text="a", media_url="http://a.example/p.jpg"),
        {"media_url": "Give the https address of a picture or a video"},
    ),
    (
        "mastodon",
        Words(text="a", media_url="https://a.example/p.jpg"),
        {"media_url": "Files are not sent to Mastodon from here; put a link into the text"},
    ),
]


@pytest.mark.parametrize(("network", "words", "problems"), PROBLEMS)
def test_a_problem_names_its_field(network: NetworkKey, words: Words, problems: dict[str, str]) -> None:
    assert preview(network, words).problems == problems


def test_a_server_may_take_more_than_is_usual() -> None:
    shown = preview("mastodon", Words(text="a" * 600), character_limit=1000)
    assert (shown.problems, shown.left) == ({}, 400)


def test_every_network_names_the_source_of_its_limits() -> None:
    assert all(rules.source.startswith("https://") and rules.limit > 0 for rules in NETWORKS.values())
