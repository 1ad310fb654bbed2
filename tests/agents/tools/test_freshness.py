"""Which pages to update before the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.freshness import freshness
from tests.support.tool_runs import NOBODY, figures, rows, run

TODAY = NOBODY.now.date()


def page(name: str, age: int, before: int, after: int) -> dict[str, Any]:
    day = TODAY - timedelta(days=age)
    return {"url": f"/{name}", "title": name, "updated_on": day, "visits_before": before, "visits_after": after}


@pytest.mark.parametrize(
    ("age", "before", "after", "state"),
    [
        (10, 100, 80, "falling"),
        (10, 100, 81, "healthy"),
        (366, 100, 100, "old"),
        (365, 100, 100, "healthy"),
        (400, 100, 50, "falling"),
        (10, 29, 0, "quiet"),
        (400, 29, 0, "old"),
        (10, 0, 0, "quiet"),
        (10, 0, 500, "healthy"),
        (10, 30, 0, "falling"),
    ],
)
async def test_a_page_is_falling_old_quiet_or_healthy(age: int, before: int, after: int, state: str) -> None:
    result = await run(freshness, pages=[page("a", age, before, after)])

    assert [row["state"] for row in rows(result, "pages")] == [state]


async def test_the_largest_loss_comes_before_age() -> None:
    result = await run(
        freshness,
        pages=[
            page("old", 900, 50, 50),
            page("less", 5, 200, 100),
            page("older", 990, 50, 50),
            page("more", 5, 900, 700),
        ],
    )

    assert result.queue == ["/more", "/less", "/older", "/old"]
    found = figures(result)
    assert (found["top_page"], found["top_lost"], found["top_fall"], found["top_age"]) == ("more", 200, 22, 5)
    assert (found["lost_visits"], found["visits_change"]) == (300, -25)
    assert (found["oldest_page"], found["oldest_age"]) == ("older", 990)
    assert found["median_age"] == 453


async def test_without_visits_in_the_earlier_period_no_change_is_told() -> None:
    found = figures(await run(freshness, pages=[page("a", 5, 0, 90)]))

    assert "visits_change" not in found
    assert "top_page" not in found


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=12))
async def test_every_page_is_in_one_state(given_pages: list[tuple[int, int, int]]) -> None:
    found = figures(await run(freshness, pages=[page(str(place), *item) for place, item in enumerate(given_pages)]))

    counts = [found[f"{state}_count"] for state in ("falling", "old", "quiet", "healthy")]
    assert sum(counts) == len(given_pages)
    assert found["queue_count"] == counts[0] + counts[1]


async def test_a_change_after_the_review_and_negative_visits_are_refused_by_name() -> None:
    with pytest.raises(ToolNeedsMore, match="/a"):
        await run(freshness, pages=[page("a", -1, 5, 5)])
    with pytest.raises(ValidationError, match=r"pages\.0\.visits_before"):
        await run(freshness, pages=[page("a", 1, -5, 5)])
