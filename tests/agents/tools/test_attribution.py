"""Attribution by several models."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tooling import ToolNeedsMore
from agents.tools.attribution import touch_attribution
from tests.support.tool_runs import rows, run, told


async def models(*paths: dict[str, Any]) -> dict[Any, dict[str, Any]]:
    result = await run(touch_attribution, paths=list(paths))
    return {row["channel"]: dict(row) for row in rows(result, "models")}


async def test_a_small_chain_is_solved_as_by_hand() -> None:
    found = await models(
        {"touches": ["A", "B"], "conversions": 1},
        {"touches": ["A"], "losses": 1},
        {"touches": ["B"], "losses": 1},
    )
    # From the start 2/3 go to A and 1/3 to B; A leads on to B and B to a conversion in half of the cases each:
    # 1/6 + 1/6. Without A 1/6 is left, without B nothing: effects 1/2 and 1.
    assert (found["A"]["markov"], found["B"]["markov"]) == (33.3, 66.7)
    assert (found["A"]["last"], found["A"]["opening"], found["A"]["linear"]) == (0, 100, 50)


async def test_position_gives_the_ends_most_and_the_middle_the_rest() -> None:
    found = await models({"touches": ["A", "B", "C", "D"], "conversions": 10, "losses": 5})
    assert [found[name]["position"] for name in "ABCD"] == [40, 10, 10, 40]
    assert [found[name]["linear"] for name in "ABCD"] == [25, 25, 25, 25]


async def test_a_channel_that_the_last_touch_hides_is_named() -> None:
    result = await run(
        touch_attribution,
        paths=[
            {"touches": ["Blog", "Ads"], "conversions": 50, "losses": 10},
            {"touches": ["Ads"], "conversions": 0, "losses": 90},
        ],
    )
    # Ads convert 1/3 of who comes to them; through the blog come 40 of 100. Without it 60 % of the ways remain.
    found = told(result)
    assert (found["underrated"], found["overrated"], found["last_share"]) == ("Blog", "Ads", 100)
    assert found["underrated_last"] == 0
    assert found["mean_length"] == 2


async def test_what_never_converted_cannot_be_shared_out() -> None:
    with pytest.raises(ToolNeedsMore, match="paths: none of them converted"):
        await run(touch_attribution, paths=[{"touches": ["A"], "losses": 3}])


async def test_a_crowd_of_channels_is_sent_back() -> None:
    crowd = [{"touches": [f"c{n}"], "conversions": 1} for n in range(61)]
    with pytest.raises(ToolNeedsMore, match="paths: more than 60 channels"):
        await run(touch_attribution, paths=crowd)


paths = st.fixed_dictionaries(
    {
        "touches": st.lists(st.sampled_from("ABCD"), min_size=1, max_size=6),
        "conversions": st.integers(0, 20),
        "losses": st.integers(0, 20),
    }
)


@given(st.lists(paths, min_size=1, max_size=12))
async def test_every_model_shares_out_exactly_all(given_paths: list[dict[str, Any]]) -> None:
    if not any(path["conversions"] for path in given_paths):
        return
    found = await models(*given_paths)
    for model in ("last", "opening", "linear", "position", "markov"):
        assert sum(row[model] for row in found.values()) == pytest.approx(100, abs=0.5)
        assert all(row[model] >= 0 for row in found.values())
