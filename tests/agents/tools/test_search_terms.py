"""Wasteful search terms and negative keywords."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.search_terms import search_term_waste
from tests.support.tool_runs import call, cells, figure


def term(words: str, clicks: int, cost: object, conversions: object = 0) -> dict[str, Any]:
    return {"term": words, "clicks": clicks, "cost": str(cost), "conversions": str(conversions)}


def clean(*terms: dict[str, Any], target: object = 100, **more: Any) -> Any:
    return call(search_term_waste, terms=list(terms), target_cost=str(target), **more)


GOOD = term("blue shoes", 1000, 900, 50)


@pytest.mark.parametrize(("clicks", "is_wasteful"), [(58, False), (70, True)])
def test_a_term_is_wasteful_when_so_many_clicks_without_a_conversion_are_unlikely(
    clicks: int, is_wasteful: bool
) -> None:
    result = clean(GOOD, term("shoe repair", clicks, 50))
    rate = 50 / (1000 + clicks)
    assert ((1 - rate) ** clicks < 0.05) == is_wasteful
    assert figure(result, "wasteful_count") == is_wasteful


def test_a_term_that_cost_two_conversions_is_wasteful_whatever_its_clicks() -> None:
    assert figure(clean(GOOD, term("shoe repair", 3, 200)), "wasteful_cost") == 200
    assert figure(clean(GOOD, term("shoe repair", 3, "199.99")), "wasteful_count") == 0


def test_a_word_of_many_small_terms_is_found_though_none_of_them_stands_out() -> None:
    small = [term(f"free {name}", 20, 40) for name in ("boots", "heels", "socks", "laces")]
    result = clean(GOOD, *small)
    assert figure(result, "wasteful_count") == 0
    assert [item.words for item in result.negatives] == ["free"]
    assert figure(result, "top_negative_terms") == 4
    assert figure(result, "blocked_cost") == 160


def test_a_word_that_converts_elsewhere_is_never_excluded() -> None:
    result = clean(GOOD, term("blue shoes repair", 500, 400))
    assert [item.words for item in result.negatives] == ["repair"]


def test_what_a_chosen_word_stops_no_longer_counts_against_others() -> None:
    result = clean(GOOD, term("free boots", 100, 150), term("free heels", 90, 100), term("heels sale", 5, 5))
    assert [item.words for item in result.negatives] == ["free"]


def test_protected_words_are_kept() -> None:
    result = clean(GOOD, term("lumen", 500, 400), protected=["Lumen"])
    assert result.negatives == []
    assert figure(result, "wasteful_count") == 1


def test_without_any_conversion_only_the_cost_decides() -> None:
    result = clean(term("a", 5000, 150), term("b", 2, 250))
    assert [item.term for item in result.wasteful] == ["b"]
    assert figure(result, "mean_rate") == 0


def test_the_list_can_be_pasted() -> None:
    result = clean(GOOD, term("FREE boots!", 200, 150), term("repair", 100, 120))
    assert result.parts["list"].text == '"boots"\n"repair"'


def test_an_empty_report_line_does_no_harm() -> None:
    assert figure(clean(term("???", 0, 0)), "wasteful_share") is None


@pytest.mark.parametrize(("field", "value"), [("term", ""), ("cost", "-1"), ("clicks", -1)])
def test_a_bad_field_is_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=rf"terms\.0\.{field}"):
        clean(term("a", 1, 1) | {field: value})


phrases = st.lists(st.sampled_from(["free", "blue", "shoes", "jobs", "cheap"]), min_size=1, max_size=4).map(" ".join)


@given(
    st.lists(
        st.tuples(phrases, st.integers(0, 300), st.decimals(0, 300, places=2), st.integers(0, 2)),
        min_size=1,
        max_size=15,
    )
)
def test_no_negative_keyword_would_have_stopped_a_conversion(rows: list[tuple[str, int, Decimal, int]]) -> None:
    result = clean(*(term(*row) for row in rows))
    for item in result.negatives:
        stopped = [row for row in rows if f" {item.words} " in f" {row[0]} "]
        assert stopped
        assert sum(row[3] for row in stopped) == 0
    assert sum(cells(result, "negatives", "cost")) == figure(result, "blocked_cost")
