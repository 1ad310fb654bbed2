"""Returns by product and reason."""

from __future__ import annotations

from typing import Any

import pytest

from agents.tools.returns import returns_report
from tests.support.tool_runs import run, told


def line(product: str, sold: int, returned: int, price: str = "10", reason: str = "") -> dict[str, Any]:
    return {"product": product, "sold": sold, "returned": returned, "price": price, "reason": reason}


async def test_rates_costs_and_the_saving_are_exact() -> None:
    lines = [line("Shoe", 60, 20, "50", "small"), line("Shoe", 40, 10, "50"), line("Hat", 300, 15, "20.50", "colour")]
    found = told(await run(returns_report, lines=lines, cost_per_return="4"))
    assert (found["sold_count"], found["returned_count"], found["return_rate"]) == (400, 45, 11.3)
    assert (found["refunded"], found["handling"], found["cost_total"]) == (1807.50, 180, 1987.50)
    # Shoes: 30 of 100 against 5 % of the hats: 25 spared at 50 + 4 each.
    assert (found["worst_product"], found["worst_rate"], found["saving"]) == ("Shoe", 30, 1350)
    assert (found["top_reason"], found["top_reason_count"], found["top_reason_share"]) == ("small", 20, 44.4)
    assert found["unexplained_share"] == 22.2
    assert (found["best_product"], found["best_rate"]) == ("Hat", 5)


async def test_few_cases_make_nobody_conspicuous() -> None:
    found = told(await run(returns_report, lines=[line("New", 3, 1), line("Old", 100, 10)]))
    assert found["conspicuous_count"] == 0
    assert "saving" not in found


async def test_no_returns_are_told_as_such() -> None:
    found = told(await run(returns_report, lines=[line("A", 10, 0), line("B", 7, 0), line("C", 180, 0)]))
    assert (found["returned_count"], found["cost_total"], found["conspicuous_count"]) == (0, 0, 0)
    assert found.keys().isdisjoint({"top_reason", "unexplained_share", "worst_product"})


async def test_more_returned_than_sold_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="returned: more than were sold"):
        await run(returns_report, lines=[line("A", 1, 2)])
