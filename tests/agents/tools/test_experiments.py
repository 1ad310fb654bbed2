"""The size of an experiment."""

from __future__ import annotations

from math import asin, ceil, sqrt

import pytest

from agents.tooling import ToolNeedsMore
from agents.tools.experiments import experiment_size
from tests.support.tool_runs import rows, run, told

Z_ALPHA, Z_HALF_ALPHA, Z_POWER = 1.959964, 2.241403, 0.841621


def by_hand(one: float, other: float, z: float = Z_ALPHA) -> int:
    h = 2 * asin(sqrt(other)) - 2 * asin(sqrt(one))
    return ceil(2 * ((z + Z_POWER) / h) ** 2)


async def test_the_size_is_that_of_cohens_formula() -> None:
    found = told(await run(experiment_size, baseline_percent=10, lift_percent=20, visitors_per_day=500))
    assert found["per_variant"] == by_hand(0.10, 0.12)
    assert (found["target"], found["total"]) == (12, 2 * by_hand(0.10, 0.12))


async def test_days_are_whole_weeks_and_more_variants_need_more() -> None:
    found = told(await run(experiment_size, baseline_percent=10, lift_percent=20, visitors_per_day=500, variants=3))
    assert found["per_variant"] == by_hand(0.10, 0.12, Z_HALF_ALPHA)
    assert found["run_days"] == ceil(found["total"] / 500 / 7) * 7
    assert found["run_weeks"] * 7 == found["run_days"]


async def test_what_four_weeks_can_find_would_indeed_take_four_weeks() -> None:
    first = told(await run(experiment_size, baseline_percent=5, lift_percent=20, visitors_per_day=900))
    again = await run(experiment_size, baseline_percent=5, lift_percent=first["four_week_lift"], visitors_per_day=900)
    assert told(again)["total"] == pytest.approx(28 * 900, rel=0.01)


async def test_a_larger_effect_needs_fewer_cases() -> None:
    result = await run(experiment_size, baseline_percent=3, lift_percent=10, visitors_per_day=1000)
    sizes = [row["per_variant"] for row in rows(result, "choices")]
    assert sizes == sorted(sizes, reverse=True)


async def test_a_rate_beyond_all_is_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="lift_percent"):
        await run(experiment_size, baseline_percent=60, lift_percent=80, visitors_per_day=10)
