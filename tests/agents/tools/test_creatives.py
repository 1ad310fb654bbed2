"""Fatigue of creatives."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.creatives import creative_fatigue
from tests.support.tool_runs import call, figure

START = date(2026, 6, 1)


def days(creative: str, clicks: list[int], impressions: int = 1000, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "creative": creative,
            "day": str(START + timedelta(days=n)),
            "impressions": impressions,
            "clicks": count,
            **more,
        }
        for n, count in enumerate(clicks)
    ]


def judge(*rows: list[dict[str, Any]], **more: Any) -> Any:
    return call(creative_fatigue, days=[day for row in rows for day in row], **more)


FALLING = [40, 38, 35, 33, 30, 28, 25, 22]


def test_a_steady_fall_is_fatigue_with_the_slope_of_sen() -> None:
    result = judge(days("A", FALLING, frequency=3.5))
    slope = median((FALLING[j] - FALLING[i]) / 10 / (j - i) for i, j in combinations(range(8), 2))
    start = median(FALLING) / 10 - slope * 3.5
    assert result.creatives[0].status == "tired"
    assert result.creatives[0].start_rate == pytest.approx(start)
    assert result.creatives[0].decline == pytest.approx(-100 * slope * 7 / start)
    assert figure(result, "lost_clicks") == round(80 * start - sum(FALLING))
    assert figure(result, "tired_frequency") == 3.5


def test_the_chance_of_a_perfect_fall_is_that_of_its_order_among_all() -> None:
    import math

    assert judge(days("A", FALLING)).creatives[0].p_value == pytest.approx(2 / math.factorial(8))


def test_a_fall_below_the_limit_is_only_watched() -> None:
    result = judge(days("A", FALLING), decline_limit=50)
    assert figure(result, "tired_count") == 0
    assert figure(result, "watch_creative") == "A"


def test_scatter_and_growth_are_fresh() -> None:
    result = judge(days("Scatter", [30, 33, 29, 31, 32, 30, 31, 32]), days("Growth", FALLING[::-1]))
    assert {wear.creative: wear.status for wear in result.creatives} == {"Scatter": "fresh", "Growth": "fresh"}
    assert figure(result, "fresh_creative") == "Growth" if sum(FALLING) > 248 else "Scatter"


def test_a_rate_that_never_changes_is_fresh() -> None:
    assert figure(judge(days("A", [10] * 9)), "fresh_count") == 1


def test_too_few_days_give_no_verdict() -> None:
    result = judge(days("A", FALLING[:6]))
    assert figure(result, "short_count") == 1
    assert figure(result, "tired_creative") is None


def test_days_without_impressions_are_left_out() -> None:
    result = judge(days("A", [0], impressions=0))
    assert figure(result, "creative_count") == 0
    assert figure(result, "mean_rate") is None
    assert result.parts["chart"].points == []


def test_one_odd_day_does_not_make_a_creative_tired() -> None:
    assert figure(judge(days("A", [30, 31, 30, 32, 31, 30, 31, 2])), "tired_count") == 0


def test_more_clicks_than_impressions_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"days\.0\n.*clicks"):
        judge(days("A", [5], impressions=4))


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(0, 100), min_size=1, max_size=12), min_size=1, max_size=4), st.integers(1, 20))
def test_every_creative_has_one_verdict_and_volume_does_not_change_it(rows: list[list[int]], factor: int) -> None:
    plain = judge(*(days(f"C{n}", clicks) for n, clicks in enumerate(rows)))
    larger = judge(*(days(f"C{n}", [c * factor for c in clicks], 1000 * factor) for n, clicks in enumerate(rows)))
    counts = [figure(plain, f"{status}_count") for status in ("tired", "watch", "fresh", "short")]
    assert sum(counts) == len(rows)
    assert [wear.status for wear in plain.creatives] == [wear.status for wear in larger.creatives]
