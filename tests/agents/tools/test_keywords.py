"""Keyword clusters and content gaps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.keyword_gaps import keyword_gaps
from agents.tools.keywords import intent_of, keyword_clusters
from tests.support.tool_runs import figures, rows, run


def phrases(**volumes: int) -> list[dict[str, Any]]:
    return [{"phrase": name.replace("_", " "), "volume": volume} for name, volume in volumes.items()]


async def test_phrases_of_one_subject_share_a_page_named_by_the_most_searched() -> None:
    result = await run(
        keyword_clusters,
        keywords=phrases(red_shoes=100, buy_red_shoes=300, red_shoe=50, oak_table=80, small_oak_table=20),
    )

    assert [(item.name, sorted(item.phrases), item.volume) for item in result.clusters] == [
        ("buy red shoes", ["buy red shoes", "red shoe", "red shoes"], 450),
        ("oak table", ["oak table", "small oak table"], 100),
    ]
    found = figures(result)
    assert (found["total_volume"], found["top_share"], found["purchase_count"]) == (550, 81.8, 1)


async def test_a_phrase_that_is_given_again_counts_a_single_time_with_its_larger_volume() -> None:
    result = await run(keyword_clusters, keywords=[*phrases(tea=10), {"phrase": " TEA ", "volume": 30}])

    assert [(item.name, item.volume) for item in result.clusters] == [("tea", 30)]


async def test_a_smaller_distance_makes_more_pages() -> None:
    given_phrases = phrases(oak_table=9, small_oak_table=8, large_oak_table=7, oak_chair=6)

    near = await run(keyword_clusters, keywords=given_phrases, distance=0.1)
    far = await run(keyword_clusters, keywords=given_phrases, distance=0.95)

    assert figures(near)["cluster_count"] == 4
    assert figures(far)["cluster_count"] == 1


async def test_phrases_without_a_telling_word_and_without_volume_are_taken() -> None:
    result = await run(keyword_clusters, keywords=phrases(to_be=0, or_not=0))

    found = figures(result)
    assert found["cluster_count"] == 2
    assert "top_share" not in found


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("abc de", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=15))
async def test_every_phrase_is_on_exactly_one_page(given_phrases: list[str]) -> None:
    result = await run(keyword_clusters, keywords=[{"phrase": item, "volume": 1} for item in given_phrases])

    placed = [phrase for item in result.clusters for phrase in item.phrases]
    assert sorted(placed) == sorted({" ".join(item.split()) for item in given_phrases})
    assert sum(item.volume for item in result.clusters) == len(placed)


@pytest.mark.parametrize(
    ("phrase", "intent"),
    [
        ("how to brew tea", "question"),
        ("is tea healthy", "question"),
        ("buy tea online", "purchase"),
        ("tea prices", "purchase"),
        ("best teapot", "comparison"),
        ("clay vs glass teapot", "comparison"),
        ("green tea", "topic"),
        ("showroom", "topic"),
    ],
)
def test_intent_follows_the_words(phrase: str, intent: str) -> None:
    assert intent_of(phrase) == intent


async def test_an_empty_list_names_its_field() -> None:
    with pytest.raises(ValidationError, match="keywords"):
        await run(keyword_clusters, keywords=[])


async def test_gaps_are_what_rivals_are_found_for_and_we_are_not() -> None:
    result = await run(
        keyword_gaps,
        own=[
            {"phrase": "Green Tea", "volume": 100, "position": 12},
            {"phrase": "teapot", "volume": 70, "position": 21},
            {"phrase": "our brand", "volume": 5, "position": 1},
            {"phrase": "listed", "volume": 1},
        ],
        rivals=[
            {"name": "A", "keywords": [
                {"phrase": "green  tea", "volume": 100, "position": 3},
                {"phrase": "teapot", "volume": 70, "position": 20},
                {"phrase": "matcha", "volume": 90},
            ]},
            {"name": "B", "keywords": [
                {"phrase": "matcha", "volume": 90, "position": 2},
                {"phrase": "far away", "volume": 999, "position": 21},
                {"phrase": "green tea", "volume": 100, "position": 15},
            ]},
        ],
    )  # fmt: skip

    assert [(item.phrase, item.volume) for item in result.missing] == [("matcha", 90), ("teapot", 70)]
    found = figures(result)
    assert (found["gap_volume"], found["everywhere_count"], found["weak_count"]) == (160, 1, 1)
    assert (found["own_count"], found["shared_count"], found["only_ours_count"]) == (3, 1, 2)
    assert (found["strongest_rival"], found["strongest_volume"]) == ("A", 160)
    assert (found["weak_phrase"], found["weak_own"], found["weak_best"]) == ("green tea", 12, 3)
    assert rows(result, "gaps")[0]["holders"] == "A, B"
    assert rows(result, "gaps")[0]["best"] == 2


async def test_without_own_phrases_everything_is_a_gap() -> None:
    rivals = [{"name": "A", "keywords": [{"phrase": "tea", "volume": 3}]}]

    found = figures(await run(keyword_gaps, own=[], rivals=rivals))

    assert (found["gap_count"], found["own_count"]) == (1, 0)


async def test_where_nothing_is_missing_there_is_no_fact_of_a_gap() -> None:
    same = [{"phrase": "tea", "volume": 3, "position": 1}]

    result = await run(keyword_gaps, own=same, rivals=[{"name": "A", "keywords": same}])

    found = figures(result)
    assert (found["gap_count"], found["weak_count"], "top_gap" in found) == (0, 0, False)
    assert result.missing == []
