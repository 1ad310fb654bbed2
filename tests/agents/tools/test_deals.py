"""The deal desk."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tooling import ToolNeedsMore
from agents.tools.deals import deal_check
from tests.support.tool_runs import rows, run, told

LINES = [
    {"product": "Licence", "quantity": 10, "list_price": "100", "unit_cost": "40"},
    {"product": "Days", "quantity": 2, "list_price": "500", "unit_cost": "450"},
]
LADDER = [{"up_to_percent": 20, "by": "director"}, {"up_to_percent": 5, "by": "team lead"}]


async def check(**more: Any) -> dict[str, Any]:
    return told(await run(deal_check, customer="Larch", lines=LINES, **more))


async def test_margins_and_limits_are_exact() -> None:
    result = await run(deal_check, customer="Larch", lines=LINES, discount_percent="12.5", floor_margin_percent=20)
    found = told(result)
    # 2,000 at list, cost 1,300; less 12.5 % is 1,750: margin 450 / 1,750. Floor: 1,300 / 0.8 = 1,625.
    assert (found["list_total"], found["net_total"], found["margin_total"]) == (2000, 1750, 450)
    assert (found["margin"], found["margin_at_list"], found["floor_total"]) == (25.7, 35, 1625)
    assert found["most_discount"] == 18.7  # 18.75, rounded down
    assert (found["thinnest_line"], found["thinnest_margin"]) == ("Days", -2.9)
    assert [row["net"] for row in rows(result, "quote")] == ["875.00", "875.00"]
    assert found["valid_until"] == "2026-07-03"


async def test_the_verdict_follows_floor_and_ladder() -> None:
    assert (await check(discount_percent=5, approvals=LADDER))["approver"] == "team lead"
    assert (await check(discount_percent=6, approvals=LADDER, floor_margin_percent=20))["approver"] == "director"
    assert (await check(discount_percent=10, floor_margin_percent=20))["verdict"] == "fits"
    assert (await check(discount_percent=0, approvals=LADDER))["verdict"] == "fits"
    below = await check(discount_percent=25, approvals=LADDER)
    # 1,500 leaves 13.3 %; a margin of 25 % needs 1,733.33.
    assert (below["verdict"], below["approver"], below["short_total"]) == ("below the floor", "director", 233.33)


async def test_a_floor_above_the_list_prices_has_no_possible_discount() -> None:
    found = await check(floor_margin_percent=50)
    assert found["verdict"] == "below the floor"
    assert "most_discount" not in found


@given(st.decimals(0, 35, places=1))
async def test_the_largest_discount_that_is_named_keeps_the_floor(floor: Decimal) -> None:
    most = (await check(floor_margin_percent=str(floor)))["most_discount"]
    assert (await check(floor_margin_percent=str(floor), discount_percent=str(most)))["verdict"] == "fits"


async def test_lines_without_a_price_are_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="lines: the list prices come to nothing"):
        await run(deal_check, customer="Larch", lines=[{"product": "Gift", "list_price": 0, "unit_cost": 1}])
