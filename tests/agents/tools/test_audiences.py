"""Overlap of audiences and the frequency cap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.audiences import audience_overlap
from agents.tools.frequency import frequency_cap
from tests.support.tool_runs import call, cells, figure


def overlap(sizes: dict[str, int], shared: dict[tuple[str, str], int], **more: Any) -> Any:
    audiences = [{"name": name, "size": size, "spend": str(size)} for name, size in sizes.items()]
    pairs = [{"audience": a, "other": b, "people": people} for (a, b), people in shared.items()]
    return call(audience_overlap, audiences=audiences, shared=pairs, **more)


def test_the_share_is_of_the_smaller_audience() -> None:
    result = overlap({"Large": 1000, "Small": 200}, {("Large", "Small"): 50})
    assert figure(result, "overlap_small") == "Small"
    assert figure(result, "overlap_share") == 25
    assert figure(result, "overlap_spend") == 50
    assert figure(result, "reach_at_least") == 1150


def test_an_audience_in_several_overlaps_counts_with_the_largest_only() -> None:
    result = overlap({"A": 1000, "B": 900, "C": 100}, {("A", "C"): 60, ("B", "C"): 40, ("A", "B"): 10})
    assert figure(result, "high_count") == 2
    assert figure(result, "overlap_spend") == 60
    assert figure(result, "group") == "A, B, C"
    assert figure(result, "group_size") == 3


def test_separate_audiences_form_no_group() -> None:
    result = overlap({"A": 100, "B": 100}, {("A", "B"): 5})
    assert figure(result, "high_count") == 0
    assert figure(result, "group") is None
    assert figure(result, "overlap_spend") == 0


@pytest.mark.parametrize(
    ("shared", "words"),
    [
        ({("A", "C"): 1}, "shared: there is no audience C"),
        ({("A", "A"): 1}, "shared: A is compared with itself"),
        ({("A", "B"): 51}, "more people"),
        ({("A", "B"): 1, ("B", "A"): 1}, "shared: a pair"),
    ],
)
def test_pairs_that_cannot_be_are_refused_with_the_field(shared: dict[tuple[str, str], int], words: str) -> None:
    with pytest.raises(ToolNeedsMore, match=words):
        overlap({"A": 100, "B": 50}, shared)


@given(
    st.sets(st.integers(0, 60), min_size=1),
    st.sets(st.integers(0, 60), min_size=1),
    st.sets(st.integers(0, 60), min_size=1),
)
def test_the_reach_is_never_more_than_the_true_union(one: set[int], two: set[int], three: set[int]) -> None:
    people = {"A": one, "B": two, "C": three}
    shared = {(a, b): len(people[a] & people[b]) for a, b in (("A", "B"), ("A", "C"), ("B", "C"))}
    result = overlap({name: len(members) for name, members in people.items()}, shared)
    union = len(one | two | three)
    assert max(map(len, people.values())) <= figure(result, "reach_at_least") <= union


def cap(*rows: tuple[int, int, int], thousand: object = 10, value: object = 10) -> Any:
    exposures = [{"times": t, "people": p, "conversions": c} for t, p, c in rows]
    return call(frequency_cap, exposures=exposures, cost_per_thousand=str(thousand), conversion_value=str(value))


def test_the_cap_is_where_the_next_impression_costs_more_than_it_brings() -> None:
    # By person: 0.10 - 0.01, 0.15 - 0.02, 0.155 - 0.03.
    result = cap((1, 1000, 10), (2, 1000, 15), (3, 2000, 31))
    assert figure(result, "cap") == 2
    assert figure(result, "people_above") == 2000
    assert figure(result, "impressions_above") == 2000
    assert figure(result, "saving") == 20
    assert cells(result, "exposures", "net") == [Decimal("0.09"), Decimal("0.13"), Decimal("0.13")]


def test_as_long_as_it_pays_there_is_nobody_above_the_cap() -> None:
    result = cap((1, 1000, 10), (2, 1000, 30), (3, 1000, 60))
    assert figure(result, "cap") == 3
    assert figure(result, "people_above") == 0
    assert figure(result, "saving") == 0


def test_a_fall_of_the_rate_is_smoothed_by_people() -> None:
    result = cap((1, 1000, 30), (2, 3000, 30))
    assert cells(result, "exposures", "smooth") == [1.5, 1.5]
    assert figure(result, "cap") == 1


def test_dearer_impressions_never_raise_the_cap() -> None:
    rows = [(1, 900, 9), (2, 800, 14), (4, 500, 12), (8, 100, 4)]
    caps = [figure(cap(*rows, thousand=price), "cap") for price in (1, 5, 20, 80, 400)]
    assert caps == sorted(caps, reverse=True)


def test_a_frequency_that_is_given_again_is_refused() -> None:
    with pytest.raises(ToolNeedsMore, match="exposures"):
        cap((1, 10, 1), (1, 10, 1))


def test_more_conversions_than_people_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"exposures\.1\n.*conversions"):
        cap((1, 10, 1), (2, 10, 11))
