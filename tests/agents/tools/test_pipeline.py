"""The pipeline's forecast against exact arithmetic."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from agents.parts import Series
from agents.tools.pipeline import pipeline_forecast
from tests.support.tool_runs import rows, run, told

DEALS = [("A", 30_000, 50), ("B", 20_000, 80), ("C", 8_000, 25), ("D", 12_000, 90), ("E", 15_000, 20)]


def deals() -> list[dict[str, Any]]:
    return [
        {"name": name, "amount": str(amount), "chance_percent": chance, "close_on": f"2026-0{6 + n % 2}-10"}
        for n, (name, amount, chance) in enumerate(DEALS)
    ]


def exact_chance(target: float, won: float) -> float:
    """Add up the probabilities of all outcomes that reach the target."""
    total = 0.0
    for outcome in product((False, True), repeat=len(DEALS)):
        chance, amount = 1.0, won
        for is_won, (_, worth, percent) in zip(outcome, DEALS, strict=True):
            chance *= percent / 100 if is_won else 1 - percent / 100
            amount += worth if is_won else 0
        total += chance if amount >= target else 0
    return 100 * total


@pytest.mark.parametrize("target", [30_000, 60_000, 88_000, 103_000])
async def test_the_simulated_chance_is_the_exact_one(target: int) -> None:
    found = told(await run(pipeline_forecast, deals=deals(), target=str(target), already_won="18000"))
    assert found["target_chance"] == pytest.approx(exact_chance(target, 18_000), abs=1.5)


async def test_weights_months_and_stale_deals_are_exact() -> None:
    result = await run(pipeline_forecast, deals=deals(), already_won="18000.50", as_of="2026-06-20", target="100000")
    found = told(result)
    # 15,000 + 16,000 + 2,000 + 10,800 + 3,000 = 46,800
    assert (found["weighted_total"], found["target_gap"]) == (64_800.50, 35_199.50)
    assert (found["open_total"], found["largest_deal"], found["largest_share"]) == (85_000, "B", 34.2)
    assert (found["stale_count"], found["stale_total"], found["stale_deal"]) == (3, 53_000, "A")
    assert [(row["month"], row["expected"]) for row in rows(result, "months")] == [
        ("2026-06", "20000.00"),
        ("2026-07", "26800.00"),
    ]


async def test_the_cases_are_in_order_and_within_what_is_possible() -> None:
    result = await run(pipeline_forecast, deals=deals())
    found = told(result)
    assert 0 <= found["low_total"] <= found["median_total"] <= found["high_total"] <= found["open_total"]
    chart = result.parts["chart"]
    assert isinstance(chart, Series)
    assert [point.y for point in chart.points] == sorted(point.y for point in chart.points)
    assert "target_chance" not in found


async def test_certain_deals_leave_nothing_to_chance() -> None:
    sure = [{"name": "A", "amount": "10.10", "chance_percent": 100, "close_on": "2026-07-01"}] * 3
    found = told(await run(pipeline_forecast, deals=sure, target="30.30"))
    assert (found["low_total"], found["high_total"], found["target_chance"]) == (30.30, 30.30, 100)
