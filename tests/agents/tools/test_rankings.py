"""Rank changes and the visits that follow from them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.rankings import CLICKS, CURVE_SOURCE, rank_changes
from tests.support.tool_runs import figures, rows, run

PLACE = st.none() | st.integers(1, 60)


def row(phrase: str, volume: int, before: int | None, after: int | None) -> dict[str, Any]:
    return {"phrase": phrase, "volume": volume, "before": before, "after": after}


async def test_visits_follow_the_click_curve() -> None:
    result = await run(
        rank_changes,
        rows=[row("up", 1000, 3, 1), row("down", 1000, 2, 5), row("in", 1000, None, 7), row("out", 1000, 8, None)],
    )

    found = figures(result)
    # By hand: before 110 + 157 + 0 + 32, after 285 + 72 + 40 + 0.
    assert (found["visits_before"], found["visits_after"], found["visits_change"]) == (299, 397, 98)
    assert (found["visits_won"], found["visits_lost"]) == (175 + 40, 85 + 32)
    assert found["visits_share_change"] == 32.8
    assert [found[f"{kind}_count"] for kind in ("risen", "fallen", "entered", "vanished", "steady")] == [1, 1, 1, 1, 0]
    assert (found["loser"], found["loser_visits"], found["winner"], found["winner_visits"]) == ("down", 85, "up", 175)
    assert (found["average_before"], found["average_after"]) == (4.3, 4.3)
    assert found["curve_source"] == CURVE_SOURCE


async def test_an_own_curve_takes_the_place_of_the_published() -> None:
    result = await run(rank_changes, rows=[row("a", 200, 2, 1)], curve=[50, 10])

    found = figures(result)
    assert (found["visits_before"], found["visits_after"], found["curve_source"]) == (20, 100, "own curve")
    assert rows(result, "curve") == [{"position": 1, "share": 50.0}, {"position": 2, "share": 10.0}]


async def test_the_phrase_within_reach_is_the_most_searched_below_the_top() -> None:
    result = await run(rank_changes, rows=[row("top", 9000, 1, 3), row("near", 500, 9, 4), row("far", 9000, 30, 21)])

    found = figures(result)
    # At position 3 the phrase would have 11.0 % of 500 clicks instead of 8.0 %.
    assert (found["near_phrase"], found["near_position"], found["near_visits"]) == ("near", 4, 15)


async def test_phrases_that_are_not_found_on_either_day_are_steady() -> None:
    found = figures(await run(rank_changes, rows=[row("none", 100, None, None)]))

    assert (found["steady_count"], found["visits_after"], "average_after" in found) == (1, 0, False)
    assert "visits_share_change" not in found


@given(st.lists(st.tuples(st.integers(0, 5000), PLACE, PLACE), min_size=1, max_size=12))
async def test_what_is_won_less_what_is_lost_is_the_change(
    given_rows: list[tuple[int, int | None, int | None]],
) -> None:
    result = await run(rank_changes, rows=[row(str(number), *item) for number, item in enumerate(given_rows)])

    found = figures(result)
    assert abs(found["visits_won"] - found["visits_lost"] - found["visits_change"]) <= 1
    kinds = ("risen", "fallen", "entered", "vanished", "steady")
    assert sum(found[f"{kind}_count"] for kind in kinds) == len(given_rows)


def test_the_curve_falls_with_each_position() -> None:
    assert list(CLICKS) == sorted(CLICKS, reverse=True)


async def test_a_phrase_given_again_is_refused_by_name() -> None:
    with pytest.raises(ToolNeedsMore, match="rows"):
        await run(rank_changes, rows=[row("a", 1, 1, 1), row("A ", 1, 2, 2)])


async def test_a_position_below_one_names_its_field() -> None:
    with pytest.raises(ValidationError, match=r"rows\.0\.before"):
        await run(rank_changes, rows=[row("a", 1, 0, 1)])
