"""Customer lifetime value."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.stats import beta, gamma

from agents.tooling import ToolNeedsMore
from agents.tools.lifetime import BgNbd, customer_value, fit, log_likelihood
from tests.support.tool_runs import rows, run, told

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)
"""The published estimates of Fader, Hardie and Lee (2005) for the CDNOW customers, in weeks."""


def test_the_published_customer_is_expected_to_buy_as_published() -> None:
    """Their note on the model in a spreadsheet: x = 2, t_x = 30.43, T = 38.86 gives 1.226 in 39 weeks."""
    assert CDNOW.outlook(2, 30.43, 38.86, 39).orders == pytest.approx(1.226, abs=0.001)


def test_the_likelihood_is_the_integral_that_it_stands_for() -> None:
    """A customer's likelihood, averaged over rates and drop-outs by brute force."""
    r, alpha, a, b = 1.2, 5.0, 1.1, 2.3
    x, latest, observed = 2, 6.0, 10.0

    def weight(drop: float, rate: float) -> float:
        stayed = (1 - drop) ** x * rate**x * np.exp(-rate * observed)
        left = drop * (1 - drop) ** (x - 1) * rate**x * np.exp(-rate * latest)
        return float((stayed + left) * gamma.pdf(rate, r, scale=1 / alpha) * beta.pdf(drop, a, b))

    by_hand, _ = dblquad(weight, 0, 12, 0, 1)
    found = log_likelihood((r, alpha, a, b), *(np.array([value]) for value in (x, latest, observed)))
    assert found == pytest.approx(np.log(by_hand), abs=1e-4)


def world(model: BgNbd, number: int, seed: int, until: float) -> list[list[float]]:
    """Draw customers as the model has them: the times of their repeat orders."""
    draw = np.random.default_rng(seed)
    people = []
    for _ in range(number):
        rate, drop = draw.gamma(model.r, 1 / model.alpha), draw.beta(model.a, model.b)
        times, now = [], 0.0
        while True:
            now += draw.exponential(1 / rate)
            if now > until:
                break
            times.append(now)
            if draw.random() < drop:
                break
        people.append(times)
    return people


def test_a_fit_foresees_the_orders_of_a_drawn_world() -> None:
    people = world(BgNbd(1.0, 8.0, 1.0, 3.0), 1500, 4, 80)
    seen = [[time for time in times if time <= 40] for times in people]
    model = fit([(len(times), times[-1] if times else 0.0, 40.0) for times in seen])
    expected = sum(model.outlook(len(t), t[-1] if t else 0.0, 40, 40).orders for t in seen)
    assert expected == pytest.approx(sum(len(t) for t in people) - sum(len(t) for t in seen), rel=0.1)


def some_orders(customers: int, seed: int = 9) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    orders = []
    for number in range(customers):
        day = date(2025, 6, 1) + timedelta(days=draw.randrange(60))
        for _ in range(draw.randint(1, 5)):
            orders.append({"customer": f"C{number}", "ordered_on": str(day), "amount": str(draw.randint(20, 90))})
            day += timedelta(days=draw.randint(10, 60))
    return orders


async def test_values_add_up_and_follow_from_expected_orders() -> None:
    result = await run(customer_value, orders=some_orders(30), margin_percent="25", as_of="2026-05-31")
    found, table = told(result), rows(result, "customers")
    assert found["method"] == "the BG/NBD model"
    assert sum(float(str(row["value"])) for row in table) == pytest.approx(float(found["value_total"]), abs=0.01)
    for row in table:
        assert float(str(row["value"])) == pytest.approx(row["expected"] * float(str(row["mean_order"])) / 4, abs=0.2)
        assert 0 <= row["alive"] <= 100
    assert found["acquisition_cap"] == pytest.approx(found["value_total"] / 30 / 3, abs=0.01)


async def test_few_customers_are_estimated_by_their_rate() -> None:
    orders = [
        {"customer": "A", "ordered_on": "2025-06-01", "amount": "100"},
        {"customer": "A", "ordered_on": "2025-12-01", "amount": "50"},
        {"customer": "A", "ordered_on": "2025-12-01", "amount": "50"},
        {"customer": "B", "ordered_on": "2025-06-01", "amount": "10"},
    ]
    result = await run(customer_value, orders=orders, margin_percent=50, as_of="2026-06-01")
    # Two customers, 365 days each, one repeat: 1/730 a day. A: (1 + 0.5) / 730 * 365 = 0.75 orders of 100 each.
    assert result.values == {"A": pytest.approx(37.5), "B": pytest.approx(1.25)}  # type: ignore[attr-defined]
    found = told(result)
    assert (found["method"], found["value_total"], found["repeat_share"]) == ("the historic rate of orders", 38.75, 50)
    assert "alive_share" not in found


async def test_an_order_after_the_end_is_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="as_of: there is an order on 2025-06-01"):
        await run(
            customer_value,
            orders=[{"customer": "A", "ordered_on": "2025-06-01", "amount": "1"}],
            as_of="2025-05-01",
        )
