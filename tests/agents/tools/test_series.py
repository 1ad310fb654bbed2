"""Anomalies and forecasts of daily series."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.tooling import ToolNeedsMore
from agents.tools.forecasts import seasonal_forecast
from agents.tools.series import anomaly_scan
from tests.support.boards import MIA, NOAH, Arena, ago, arena, event
from tests.support.tool_runs import NOBODY, of, rows, run, told

__all__ = ["arena"]

MONDAY = date(2026, 3, 2)
WEEK = [40, 42, 44, 46, 38, 15, 10]
WOBBLE = [0, 1, -1, 2, -2]
"""Five numbers, so that they fall on other weekdays each week."""


def series(values: list[float]) -> list[dict[str, Any]]:
    return [{"day": str(MONDAY + timedelta(days=number)), "value": value} for number, value in enumerate(values)]


def usual(days: int) -> list[float]:
    return [WEEK[number % 7] + WOBBLE[number % 5] for number in range(days)]


async def test_a_planted_peak_and_a_planted_dip_are_found_and_weekends_are_not() -> None:
    values = usual(56)
    values[16], values[31] = 120, 4
    result = await run(anomaly_scan, series=series(values))
    found = told(result)
    assert (found["anomaly_count"], found["peak_count"], found["dip_count"]) == (2, 1, 1)
    assert (found["worst_day"], found["worst_value"], found["worst_side"]) == ("2026-03-18", 120, "above")
    assert found["worst_expected"] == pytest.approx(44, abs=2)
    assert {row["day"] for row in rows(result, "anomalies")} == {"2026-03-18", "2026-04-02"}


async def test_an_ordinary_series_has_nothing_that_stands_out() -> None:
    assert told(await run(anomaly_scan, series=series(usual(70))))["anomaly_count"] == 0
    assert told(await run(anomaly_scan, series=series([5.0] * 40)))["anomaly_count"] == 0


async def test_a_short_series_is_judged_by_its_median_and_says_so() -> None:
    found = told(await run(anomaly_scan, series=series([10, 11, 9, 10, 12, 10, 60, 11, 9, 10])))
    assert found["method"] == "distance from the median"
    assert (found["anomaly_count"], found["worst_value"], found["worst_expected"]) == (1, 60, 10)


async def test_even_a_spike_on_a_flat_line_is_found() -> None:
    values = [7.0] * 35
    values[20] = 30
    assert told(await run(anomaly_scan, series=series(values)))["worst_value"] == 30


@pytest.mark.parametrize("tool", [anomaly_scan, seasonal_forecast])
async def test_a_series_with_a_gap_or_a_repeated_day_is_sent_back(tool: Any) -> None:
    whole = series(usual(40))
    with pytest.raises(ToolNeedsMore, match="series: the days between 2026-03-05 and 2026-03-07 are missing"):
        await run(tool, series=whole[:4] + whole[5:])
    with pytest.raises(ToolNeedsMore, match="series: 2026-03-03 is there more than once"):
        await run(tool, series=[*whole, whole[1]])


async def test_the_ledgers_series_has_zeros_and_ends_yesterday(arena: Arena) -> None:
    mia, noah = arena.person(MIA), arena.person(NOAH)
    await arena.append(
        *(event(mia, 2, occurred_at=ago(days=number)) for number in range(1, 20)),
        event(noah, 5, type="order.completed", occurred_at=ago(days=2)),
        event(noah, 5, type="order.completed", occurred_at=ago(seconds=1)),
    )
    admin = of(await arena.world.actor("admin@acme.example"))
    found = told(await run(anomaly_scan, admin, event_type="order.completed", measure="value", days=30))
    assert (found["observations"], found["usual"]) == (29, 0)
    assert (found["anomaly_count"], found["worst_value"]) == (1, 5)
    own = told(await run(anomaly_scan, of(await arena.world.actor(NOAH)), days=30))
    assert (own["observations"], own["worst_value"]) == (29, 1)


async def test_a_steady_week_is_forecast_as_it_was() -> None:
    result = await run(seasonal_forecast, series=series([float(WEEK[n % 7]) for n in range(56)]), horizon=7)
    found = told(result)
    assert [row["expected"] for row in rows(result, "forecast")] == pytest.approx(WEEK, abs=0.2)
    assert (found["recent_total"], found["best_weekday"], found["worst_weekday"]) == (235, "Thursday", "Sunday")
    assert found["total"] == pytest.approx(235, abs=1)
    assert found["total_change"] == pytest.approx(0, abs=0.5)
    assert rows(result, "forecast")[0]["day"] == "2026-04-27"


async def test_a_growing_series_goes_on_growing_and_beats_the_week_before() -> None:
    values = [WEEK[n % 7] + n for n in range(70)]
    found = told(await run(seasonal_forecast, series=series(values), horizon=7))
    assert found["total"] > found["recent_total"]
    assert found["low_total"] <= found["total"] <= found["high_total"]
    assert found["skill"] == "better"
    assert found["error_share"] < found["naive_error_share"]


async def test_the_forecast_follows_from_the_seed() -> None:
    values = series(usual(56))
    one, other = [await run(seasonal_forecast, series=values) for _ in range(2)]
    assert one == other


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=21, max_size=60))
async def test_counts_are_never_forecast_below_zero(values: list[int]) -> None:
    result = await run(seasonal_forecast, series=series(values), horizon=5)  # type: ignore[arg-type]
    assert all(row["low"] >= 0 and row["low"] <= row["high"] for row in rows(result, "forecast"))  # type: ignore


async def test_less_than_three_weeks_are_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="series: a forecast with weekdays needs at least 21 days, these are 20"):
        await run(seasonal_forecast, series=series(usual(20)))


async def test_a_constant_series_stays_constant() -> None:
    result = await run(seasonal_forecast, NOBODY, series=series([3.0] * 30), horizon=3)
    assert [(row["low"], row["expected"], row["high"]) for row in rows(result, "forecast")] == [(3, 3, 3)] * 3
