"""Funnels: the weakest step, and what mending it brings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tooling import ToolNeedsMore
from agents.tools.funnels import funnel_diagnosis
from bizosaas_app.kernel.errors import NotPermitted
from tests.support.boards import MIA, Arena, arena
from tests.support.tool_runs import of, rows, run, told

__all__ = ["arena"]


def stages(*counts: int, **usual: float) -> list[dict[str, Any]]:
    return [
        {"name": f"S{number}", "count": count, "usual_percent": usual.get(f"S{number}")}
        for number, count in enumerate(counts)
    ]


async def test_the_step_furthest_below_the_others_is_named_with_its_price() -> None:
    result = await run(funnel_diagnosis, stages=stages(1000, 500, 50, 25))
    found = told(result)
    # Rates 50, 10, 50; the median of the others is 50, which would multiply the end by 5: 25 * 4 more.
    assert (found["worst_from"], found["worst_to"], found["worst_rate"]) == ("S1", "S2", 10)
    assert (found["repair_rate"], found["repair_gain"], found["worst_lost"]) == (50, 100, 450)
    assert found["overall_rate"] == 2.5
    assert [row["rate"] for row in rows(result, "steps")] == [None, 50, 10, 50]


async def test_a_steps_own_usual_rate_counts_more_than_its_neighbours() -> None:
    found = told(await run(funnel_diagnosis, stages=stages(1000, 500, 50, 25, S1=80, S2=10, S3=55)))
    assert (found["worst_from"], found["repair_rate"], found["repair_gain"]) == ("S0", 80, 15)


async def test_a_stage_that_nobody_reached_is_the_weakest() -> None:
    found = told(await run(funnel_diagnosis, stages=stages(80, 0, 0)))
    assert (found["worst_to"], found["worst_rate"], found["dry_stage"]) == ("S1", 0, "S1")
    assert "repair_gain" not in found


async def test_an_empty_beginning_is_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="stages: nobody reached the stage at the top"):
        await run(funnel_diagnosis, stages=stages(0, 3))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
async def test_a_repair_never_costs_anything(rest: list[int]) -> None:
    found = told(await run(funnel_diagnosis, stages=stages(10**6, *rest)))
    assert found.get("repair_gain", 0) >= 0
    assert found["worst_low"] >= 0 or found["worst_rate"] > 100


async def test_without_stages_it_is_the_referral_funnel_of_who_may_see_it(arena: Arena) -> None:
    result = await run(funnel_diagnosis, of(await arena.world.actor("admin@acme.example")))
    assert [row["stage"] for row in rows(result, "steps")] == ["Referral click", "Conversion", "Approved conversion"]
    assert told(result)["start_count"] == 0
    with pytest.raises(NotPermitted):
        await run(funnel_diagnosis, of(await arena.world.actor(MIA)))
