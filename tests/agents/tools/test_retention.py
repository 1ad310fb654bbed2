"""Cohorts of members by the week in which they began."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.tools.retention import retention_cohorts
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotPermitted
from tests.support.boards import MIA, NOAH, OLGA, Arena, arena, event
from tests.support.tool_runs import of, rows, run, told

__all__ = ["arena"]

ADMIN = "admin@acme.example"


async def test_the_curve_is_weighted_by_the_cohorts_that_are_old_enough(arena: Arena) -> None:
    now = utc_now()
    monday = (now - timedelta(days=now.weekday() + 21)).replace(hour=12)
    mia, noah, olga = (arena.person(email) for email in (MIA, NOAH, OLGA))
    days = {mia: (0, 7, 14), noah: (1, 15), olga: (8,)}
    await arena.append(*(event(who, 1, occurred_at=monday + timedelta(days=n)) for who in days for n in days[who]))
    result = await run(retention_cohorts, of(await arena.world.actor(ADMIN)), days=60)
    # Week 0: 3 of 3. Week 1: Mia of Mia and Noah, and Olga not: 1 of 3. Week 2: both of Mia and Noah: 2 of 2.
    assert result.curve == pytest.approx([100, 100 / 3, 100])  # type: ignore[attr-defined]
    found = told(result)
    assert (found["cohort_count"], found["members"], found["week_one_rate"]) == (2, 3, 33.3)
    assert (found["steepest_loss"], found["steepest_week"]) == (66.7, 1)
    assert [(row["members"], row["week_1"]) for row in rows(result, "cohorts")] == [(1, 0), (2, 50)]


async def test_the_running_week_and_an_empty_ledger_give_no_cohort(arena: Arena) -> None:
    await arena.append(event(arena.person(MIA), 1, occurred_at=utc_now()))
    found = told(await run(retention_cohorts, of(await arena.world.actor(ADMIN))))
    assert (found["cohort_count"], found["members"]) == (0, 0)
    assert found.keys().isdisjoint({"week_one_rate", "steepest_loss", "best_cohort"})


async def test_a_member_without_the_right_is_refused(arena: Arena) -> None:
    with pytest.raises(NotPermitted):
        await run(retention_cohorts, of(await arena.world.actor(MIA)))
