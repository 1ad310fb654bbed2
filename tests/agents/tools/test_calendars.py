"""Editorial calendars."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.calendars import editorial_calendar
from tests.support.tool_runs import NOBODY, figures, rows, run

MONDAY = date(2026, 3, 2)


def themes(**weights: int) -> list[dict[str, Any]]:
    return [{"name": name, "weight": weight} for name, weight in weights.items()]


async def test_pieces_come_out_on_the_named_days_from_the_start_on() -> None:
    result = await run(
        editorial_calendar, themes=themes(tea=1), start_on=date(2026, 3, 4), weeks=2, weekdays=["wed", "mon"]
    )

    assert result.days == [date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 11), date(2026, 3, 16)]
    assert rows(result, "calendar")[0] == {
        "day": "2026-03-04",
        "weekday": "Wednesday",
        "theme": "tea",
        "idea": "(open)",
        "draft_due": "2026-03-01",
    }


async def test_without_a_start_the_plan_begins_today() -> None:
    result = await run(editorial_calendar, themes=themes(tea=1), weeks=1, weekdays=["wed"])

    assert result.days == [NOBODY.now.date()]


async def test_no_week_holds_more_than_the_team_can_write() -> None:
    result = await run(
        editorial_calendar,
        themes=themes(tea=1),
        start_on=MONDAY,
        weeks=1,
        weekdays=["mon", "tue", "wed", "thu", "fri"],
        hours_per_piece=0.1,
        hours_per_week=0.3,
    )

    found = figures(result)
    assert (found["fits_per_week"], found["slot_count"], found["over_count"]) == (3, 3, 2)
    assert found["load_share"] == 100
    assert result.days == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 5)]


async def test_themes_share_the_days_by_weight_and_take_their_ideas_in_order() -> None:
    given_themes = [
        {"name": "tea", "weight": 3, "ideas": ["water", "pots", "cups", "ice"]},
        {"name": "shop", "weight": 1, "ideas": []},
    ]

    result = await run(
        editorial_calendar, themes=given_themes, start_on=MONDAY, weeks=4, weekdays=["mon"], hours_per_week=8
    )

    shown = [(row["theme"], row["idea"]) for row in rows(result, "calendar")]
    assert shown == [("tea", "water"), ("tea", "pots"), ("shop", "(open)"), ("tea", "cups")]
    found = figures(result)
    assert (found["idea_count"], found["without_idea_count"], found["hungry_theme"]) == (3, 1, "shop")


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
async def test_after_a_whole_round_every_theme_has_had_its_weight(weights: list[int]) -> None:
    total = sum(weights)
    result = await run(
        editorial_calendar,
        themes=themes(**{f"t{place}": weight for place, weight in enumerate(weights)}),
        start_on=MONDAY,
        weeks=total,
        weekdays=["mon"],
    )

    counts = Counter(row["theme"] for row in rows(result, "calendar"))
    assert [counts[f"t{place}"] for place in range(len(weights))] == weights


async def test_blocked_days_stay_free() -> None:
    result = await run(
        editorial_calendar, themes=themes(tea=1), start_on=MONDAY, weeks=2, weekdays=["mon"], blocked=[MONDAY]
    )

    assert result.days == [date(2026, 3, 9)]
    assert figures(result)["blocked_count"] == 1


async def test_a_plan_that_is_impossible_says_why() -> None:
    with pytest.raises(ToolNeedsMore, match="hours_per_week"):
        await run(editorial_calendar, themes=themes(tea=1), hours_per_piece=10, hours_per_week=5)
    with pytest.raises(ToolNeedsMore, match="themes"):
        await run(editorial_calendar, themes=[*themes(tea=1), *themes(tea=2)])
    with pytest.raises(ValidationError, match="weekdays"):
        await run(editorial_calendar, themes=themes(tea=1), weekdays=["monday"])
