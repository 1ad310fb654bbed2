"""Elasticity and the best price."""

from __future__ import annotations

import random
from typing import Any

import pytest

from agents.tooling import ToolNeedsMore
from agents.tools.prices import price_response
from tests.support.tool_runs import rows, run, told


async def advise(
    prices: list[float], elasticity: float, *, cost: str, current: str, noise: float = 0.01
) -> dict[str, Any]:
    draw = random.Random(1)
    history = [
        {"price": str(price), "units": 1e6 * price**elasticity * (1 + draw.uniform(-noise, noise))} for price in prices
    ]
    return told(await run(price_response, product="Lamp", history=history, unit_cost=cost, current_price=current))


async def test_the_best_price_is_lerners() -> None:
    """With an elasticity of -2 it is twice the cost: profit falls from it to either side."""
    found = await advise([60, 65, 70, 75, 80, 85, 90, 100], -2, cost="40", current="60")
    assert found["elasticity"] == pytest.approx(-2, abs=0.05)
    assert found["suggested_price"] == pytest.approx(80, abs=2.5)
    assert found["verdict"] == "raise"
    # (80 - 40) / 80**2 against (60 - 40) / 60**2 is 1.125 times as much.
    assert found["profit_change"] == pytest.approx(12.5, abs=1.5)
    assert found["units_change"] == pytest.approx(100 * (60 / 80) ** 2 - 100, abs=2)


async def test_a_price_that_is_too_high_comes_down_within_what_was_tried() -> None:
    found = await advise([12, 14, 16, 18, 20, 22], -4, cost="8", current="20")
    # The rule gives 8 * 4 / 3 = 10.67, which nobody has tried: the lowest tried price stands.
    assert (found["verdict"], found["suggested_price"], found["edge"]) == ("lower", 12, "at the edge of what was tried")


async def test_demand_that_hardly_gives_way_bears_the_highest_price_tried() -> None:
    found = await advise([10, 11, 12, 13, 14], -0.5, cost="5", current="12")
    assert (found["verdict"], found["suggested_price"]) == ("raise", 14)


async def test_the_right_price_is_kept() -> None:
    assert (await advise([60, 70, 80, 90, 100], -2, cost="40", current="80"))["verdict"] == "keep"


async def test_a_history_that_shows_nothing_gives_no_advice() -> None:
    found = await advise([60, 62, 61, 63, 60, 62], 0, cost="40", current="60", noise=0.3)
    assert found["verdict"] == "unclear"
    assert found.keys().isdisjoint({"suggested_price", "profit_then"})
    assert found["elasticity_low"] < 0 < found["elasticity_high"]


async def test_the_table_spans_the_prices_that_were_tried() -> None:
    history = [{"price": price, "units": 100 - price} for price in (10, 20, 30, 40, 50)]
    result = await run(price_response, product="Lamp", history=history, unit_cost=5, current_price=20)
    assert (rows(result, "choices")[0]["price"], rows(result, "choices")[-1]["price"]) == ("10.00", "50.00")


async def test_two_prices_are_too_few() -> None:
    history = [{"price": 10 + n % 2, "units": 5} for n in range(6)]
    with pytest.raises(ToolNeedsMore, match="history: at least 3 different prices"):
        await run(price_response, product="Lamp", history=history, unit_cost=5, current_price=10)
