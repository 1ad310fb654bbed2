"""Stock cover and reorder points."""

from __future__ import annotations

import math
from statistics import NormalDist, mean, variance
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.stock import stock_cover
from tests.support.tool_runs import call, figure

WEEK = [8, 12, 10, 9, 11, 7, 13]


def item(**changed: Any) -> dict[str, Any]:
    return {"sku": "A", "on_hand": 100, "daily_demand": WEEK, "lead_days": 5, "unit_cost": "2"} | changed


def cover(*items: dict[str, Any], **more: Any) -> Any:
    return call(stock_cover, items=list(items), **more)


def test_the_reorder_point_is_that_of_the_textbook() -> None:
    result = cover(item(lead_days_spread=2), service_level=95).covers[0]
    z = NormalDist().inv_cdf(0.95)
    safety = z * math.sqrt(5 * variance(WEEK) + (mean(WEEK) * 2) ** 2)
    assert result.safety_stock == math.ceil(safety)
    assert result.reorder_point == math.ceil(10 * 5 + safety)


def test_even_demand_and_delivery_need_no_safety_stock() -> None:
    result = cover(item(daily_demand=[10] * 7, on_hand=50))
    assert figure(result, "urgent_safety_stock") == 0
    assert figure(result, "urgent_reorder_point") == 50
    assert figure(result, "urgent_cover") == 5
    assert figure(result, "urgent_out_on") == "2026-06-08"
    # Five days of delivery and seven until the next order, less what is there.
    assert figure(result, "urgent_quantity") == 70


def test_what_is_on_order_counts_towards_the_reorder_point() -> None:
    assert figure(cover(item(daily_demand=[10] * 7, on_hand=50, on_order=1)), "order_count") == 0


def test_less_cover_than_a_delivery_takes_is_late() -> None:
    assert figure(cover(item(on_hand=49, daily_demand=[10] * 7)), "late_count") == 1
    assert figure(cover(item(on_hand=50, daily_demand=[10] * 7)), "late_count") == 0


def test_an_item_without_demand_is_idle_and_never_ordered() -> None:
    result = cover(item(daily_demand=[0] * 7), item(sku="B", on_hand=0, daily_demand=[0] * 7))
    assert figure(result, "idle_count") == 1
    assert figure(result, "idle_value") == 200
    assert figure(result, "order_count") == 0
    assert figure(result, "urgent_item") is None


def test_the_shortest_cover_stands_at_the_head() -> None:
    result = cover(item(), item(sku="B", on_hand=10), item(sku="C", daily_demand=[0] * 7))
    assert [row.sku for row in result.covers] == ["B", "A", "C"]


@pytest.mark.parametrize(("field", "value"), [("on_hand", -1), ("daily_demand", [1, 2]), ("lead_days", 0)])
def test_a_bad_field_is_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=rf"items\.0\.{field}"):
        cover(item(**{field: value}))


@given(
    st.lists(st.integers(0, 500), min_size=7, max_size=30),
    st.integers(0, 5000),
    st.floats(50, 98),
    st.floats(0.1, 1.9),
)
def test_a_higher_service_level_never_lowers_the_reorder_point(
    demand: list[int], on_hand: int, level: float, more: float
) -> None:
    row = item(daily_demand=demand, on_hand=on_hand, lead_days_spread=1)
    low = cover(row, service_level=level).covers[0]
    high = cover(row, service_level=level + more).covers[0]
    assert high.reorder_point >= low.reorder_point
    assert low.order_now >= 0
    assert low.order_now == 0 or on_hand <= low.reorder_point
