"""The rise that a price cut needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tooling import ToolNeedsMore
from agents.tools.promotions import promotion_breakeven
from tests.support.tool_runs import rows, run, told


async def plan(**more: Any) -> dict[str, Any]:
    given_all = {
        "product": "Tea",
        "price": "10",
        "unit_cost": "6",
        "discount_percent": "10",
        "usual_units": 1000,
        **more,
    }
    return told(await run(promotion_breakeven, **given_all))


async def test_the_textbook_rule_holds() -> None:
    """Without costs or pulled-forward sales it is the cut over the margin that is left: 1 / (4 - 1)."""
    found = await plan()
    assert (found["break_even"], found["break_even_units"], found["verdict"]) == (33.3, 1334, "open")


async def test_costs_and_sales_pulled_forward_raise_the_bar() -> None:
    found = await plan(fixed_cost="200", pulled_forward_percent=25, expected_uplift_percent=50)
    # Given up: 1,000 * 1 + 200. A further unit is worth 3 - 25 % of 4 = 2: 600 units.
    assert (found["break_even"], found["break_even_units"]) == (60, 1600)
    # 1,000 * 3 + 500 * 2 - 200 against 4,000
    assert (found["expected_profit"], found["expected_loss"], found["shortfall"]) == (3800, 200, 10)
    assert found["verdict"] == "does not pay"


async def test_a_cut_below_the_cost_never_pays() -> None:
    found = await plan(discount_percent=45, expected_uplift_percent=500)
    assert found["verdict"] == "never pays"
    assert "break_even" not in found


async def test_deeper_cuts_need_more() -> None:
    result = await run(promotion_breakeven, product="Tea", price=10, unit_cost=6, discount_percent=10, usual_units=1000)
    needed = [row["break_even"] for row in rows(result, "discounts")]
    known = [value for value in needed if value is not None]
    assert known == sorted(known, key=float)
    assert needed[-1] is None  # 40 % takes the whole margin


@given(
    discount=st.integers(1, 35),
    units=st.integers(1, 10_000),
    fixed=st.decimals(0, 5000, places=2),
    forward=st.integers(0, 10),
)
async def test_at_the_break_even_nothing_is_won_or_lost(
    discount: int, units: int, fixed: Decimal, forward: int
) -> None:
    result = await run(
        promotion_breakeven,
        product="Tea",
        price="10",
        unit_cost="6",
        discount_percent=discount,
        usual_units=units,
        fixed_cost=str(fixed),
        pulled_forward_percent=forward,
    )
    rise = result.break_even_percent  # type: ignore[attr-defined]
    if rise is None:
        return
    again = await plan(
        discount_percent=discount,
        usual_units=units,
        fixed_cost=str(fixed),
        pulled_forward_percent=forward,
        expected_uplift_percent=f"{min(rise, 99_999):.4f}",
    )
    if rise < 99_999:
        assert again["expected_result"] == pytest.approx(0, abs=units * 4e-6 + 0.01)


async def test_a_price_without_a_margin_is_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="unit_cost: not below the price"):
        await plan(unit_cost="10")
