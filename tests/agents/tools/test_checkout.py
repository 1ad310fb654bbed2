"""Abandoned baskets."""

from __future__ import annotations

from typing import Any

import pytest

from agents.tooling import ToolNeedsMore
from agents.tools.checkout import checkout_leaks
from tests.support.tool_runs import rows, run, told


def carts(number: int, reached: str, value: str = "10", **more: Any) -> list[dict[str, Any]]:
    return [{"value": value, "reached": reached, **more}] * number


async def test_worth_and_exit_rates_by_step_are_exact() -> None:
    given = [
        *carts(4, "Basket", "10.50"),
        *carts(2, "Payment", "100", shipping="20"),
        *carts(4, "Order", "50", shipping="5"),
    ]
    result = await run(checkout_leaks, carts=given, recovery_percent=25)
    found = told(result)
    assert (found["abandoned_count"], found["abandoned_rate"]) == (6, 60)
    assert (found["lost_total"], found["sold_total"], found["recoverable"]) == (242, 200, 60.50)
    assert (found["worst_step"], found["worst_lost"], found["worst_share"]) == ("Payment", 200, 82.6)
    assert found["worst_exit_rate"] == 33.3  # 2 of the 6 that got there
    assert (found["lost_shipping"], found["sold_shipping"]) == (20, 10)
    assert [row["reached"] for row in rows(result, "steps")] == [10, 6, 6, 6]


async def test_a_group_that_leaves_by_more_than_chance_is_named() -> None:
    given = [
        *carts(18, "Basket", device="mobile"),
        *carts(2, "Order", device="mobile"),
        *carts(5, "Basket", device="desktop"),
        *carts(15, "Order", device="desktop"),
    ]
    found = told(await run(checkout_leaks, carts=given))
    assert (found["worst_group"], found["worst_group_rate"]) == ("mobile", 90)
    assert (found["other_group"], found["other_group_rate"], found["group_difference"]) == ("desktop", 25, "clear")
    small = [*carts(3, "Basket", is_new_customer=True), *carts(2, "Order", is_new_customer=True)]
    small += [*carts(2, "Basket", is_new_customer=False), *carts(3, "Order", is_new_customer=False)]
    assert told(await run(checkout_leaks, carts=small))["group_difference"] == "not certain"


async def test_a_shop_in_which_all_buy_has_no_worst_step() -> None:
    found = told(await run(checkout_leaks, carts=carts(3, "Order")))
    assert (found["abandoned_count"], found["lost_total"]) == (0, 0)
    assert "worst_step" not in found


async def test_an_unknown_step_is_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="carts: the step Gift is not among the steps Basket, Address"):
        await run(checkout_leaks, carts=carts(1, "Gift"))
