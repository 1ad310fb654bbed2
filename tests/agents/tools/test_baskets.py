"""Items that are bought together."""

from __future__ import annotations

import random

import pytest

from agents.tooling import ToolNeedsMore
from agents.tools.baskets import basket_rules
from tests.support.tool_runs import rows, run, told


async def test_support_confidence_and_lift_are_exact() -> None:
    baskets = [["tea", "honey", "honey"]] * 12 + [["tea"]] * 4 + [["mug"]] * 12 + [["mug", "sugar"]] * 2
    result = await run(basket_rules, baskets=baskets)
    found = told(result)
    # 30 orders; honey in 12, always with tea, which is in 16: lift 30 / 16.
    assert (found["left"], found["right"], found["together"]) == ("honey", "tea", 12)
    assert (found["support"], found["confidence"], found["lift"]) == (40, 100, 1.88)
    assert (found["rule_count"], found["single_share"]) == (1, 53.3)
    assert (found["avoiding_left"], found["avoiding_right"]) == ("mug", "tea")
    assert result.partners == {"honey": "tea", "tea": "honey"}  # type: ignore[attr-defined]


async def test_chance_gives_no_rule() -> None:
    draw = random.Random(2)
    baskets = [[item for item in "abcdefgh" if draw.random() < 0.4] or ["a"] for _ in range(200)]
    result = await run(basket_rules, baskets=baskets)
    assert rows(result, "rules") == []
    assert "left" not in told(result)


async def test_a_pair_below_the_support_is_left_out() -> None:
    baskets = [["a", "b"]] * 5 + [["c"]] * 95
    assert told(await run(basket_rules, baskets=baskets, least_support_percent=5))["rule_count"] == 1
    assert told(await run(basket_rules, baskets=baskets, least_support_percent=6))["rule_count"] == 0


async def test_items_in_every_order_say_nothing() -> None:
    assert told(await run(basket_rules, baskets=[["bag", "a"]] * 5 + [["bag", "b"]] * 5))["rule_count"] == 0


async def test_a_single_item_is_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="baskets: there is a single item"):
        await run(basket_rules, baskets=[["a"]] * 5)
