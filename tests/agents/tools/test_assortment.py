"""ABC and XYZ classes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tooling import ToolNeedsMore
from agents.tools.assortment import abc_classes
from tests.support.tool_runs import rows, run, told


def item(sku: str, revenue: str, stock: str = "0", units: list[int] | None = None) -> dict[str, Any]:
    return {"sku": sku, "revenue": revenue, "stock_value": stock, "units_by_period": units or []}


async def test_classes_shares_and_idle_stock_are_exact() -> None:
    result = await run(
        abc_classes,
        items=[
            item("a", "700", "10", [0, 0, 0, 40]),
            item("b", "150", "20", [10, 11, 9, 10]),
            item("c", "100", "30", [5, 15, 5, 15]),
            item("d", "50", "40.50"),
            item("e", "0", "9.50"),
        ],
    )
    # Cumulated 70, 85 (crosses 80: still A), 95 (B), 100 (C), and what sold nothing is C.
    assert result.classes == {"A": ["a", "b"], "B": ["c"], "C": ["d", "e"]}  # type: ignore[attr-defined]
    found = told(result)
    assert (found["a_revenue_share"], found["a_item_share"], found["c_revenue_share"]) == (85, 40, 5)
    assert (found["slow_stock"], found["slow_stock_share"], found["slow_item"]) == (50, 45.5, "d")
    assert (found["unsold_count"], found["erratic_item"], found["top_share"]) == (1, "a", 70)
    # Variation of 5, 15, 5, 15: deviation 5 of a mean of 10.
    assert [row["demand"] for row in rows(result, "items")] == ["Z, erratic", "X, steady", "X, steady", "", ""]


@given(st.lists(st.decimals(0, 10**6, places=2), min_size=3, max_size=40).filter(any))
async def test_class_a_is_the_smallest_head_that_reaches_its_bound(revenues: list[Decimal]) -> None:
    result = await run(abc_classes, items=[item(f"i{n}", str(value)) for n, value in enumerate(revenues)])
    classes = result.classes  # type: ignore[attr-defined]
    assert sum(map(len, classes.values())) == len(revenues)
    ranked = sorted(revenues, reverse=True)
    head = len(classes["A"])
    assert sum(ranked[:head]) * 100 >= 80 * sum(revenues) or ranked[head] == 0
    assert sum(ranked[: head - 1]) * 100 < 80 * sum(revenues)


async def test_a_range_without_revenue_is_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="items: none of them has any revenue"):
        await run(abc_classes, items=[item(name, "0") for name in "abc"])
