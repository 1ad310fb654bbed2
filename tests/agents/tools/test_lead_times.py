"""Lead times and late deliveries."""

from __future__ import annotations

import math
from datetime import date, timedelta
from statistics import mean, stdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.lead_times import lead_times
from tests.support.tool_runs import call, cells, figure

ORDERED = date(2026, 3, 2)


def delivery(days: int, late: int = 0, supplier: str = "A") -> dict[str, Any]:
    received = ORDERED + timedelta(days=days)
    return {
        "supplier": supplier,
        "ordered_on": ORDERED.isoformat(),
        "promised_on": (received - timedelta(days=late)).isoformat(),
        "received_on": received.isoformat(),
    }


def measure(*deliveries: dict[str, Any], **more: Any) -> Any:
    return call(lead_times, deliveries=list(deliveries), **more)


def test_mean_median_and_scatter_are_those_of_the_days() -> None:
    days = [7, 9, 10, 12, 30]
    result = measure(*(delivery(n) for n in days))
    assert result.mean_days == pytest.approx(mean(days))
    assert result.spread_days == pytest.approx(stdev(days))
    assert figure(result, "typical_days") == 10


def test_the_planned_time_covers_the_wanted_share_of_the_deliveries() -> None:
    result = measure(*(delivery(n) for n in range(1, 11)), sureness=80)
    assert figure(result, "sure_days") == 9
    assert sum(n <= 9 for n in range(1, 11)) >= 8


def test_the_range_of_the_late_share_is_wilsons() -> None:
    result = measure(*(delivery(10, late) for late in (3, 0, 0, -1, 1, 0, 0, 0)))
    n, p, z = 8, 2 / 8, 1.959964
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert figure(result, "late_share") == 25
    assert figure(result, "late_share_low") == round(100 * (centre - reach), 1)
    assert figure(result, "late_share_high") == round(100 * (centre + reach), 1)
    assert figure(result, "late_by") == 2


def test_early_deliveries_need_no_buffer() -> None:
    result = measure(delivery(10, -3), delivery(12, -1))
    assert figure(result, "buffer_days") == 0
    assert figure(result, "late_by") is None


def test_suppliers_are_compared_only_from_some_deliveries_on() -> None:
    punctual = [delivery(5, 0, "B")] * 3
    few = measure(delivery(9, 4), delivery(9, 4), *punctual)
    assert figure(few, "worst_supplier") is None
    enough = measure(delivery(9, 4), delivery(9, 4), delivery(9, 0), *punctual)
    assert figure(enough, "worst_supplier") == "A"
    assert figure(enough, "worst_late_share") == 66.7
    assert figure(enough, "best_supplier") == "B"


def test_one_delivery_has_no_scatter() -> None:
    result = measure(delivery(9))
    assert figure(result, "spread_days") is None
    assert figure(result, "mean_days") == 9


def test_the_chart_counts_every_delivery_and_keeps_its_ends() -> None:
    points = measure(delivery(400, 90), delivery(40, 0), delivery(40, -2)).parts["distribution"].points
    assert sum(point.y for point in points) == 3
    assert points[0].x == "2 early"
    assert points[-1].x == "30 or more late"


def test_a_delivery_before_its_order_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"deliveries\.0\n.*received_on"):
        measure(delivery(-1))


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(-30, 30)), min_size=1, max_size=30), st.integers(50, 99))
def test_the_buffer_would_have_covered_the_wanted_share(rows: list[tuple[int, int]], sureness: int) -> None:
    rows = [(days, min(late, days)) for days, late in rows]
    result = measure(*(delivery(*row) for row in rows), sureness=sureness)
    covered = sum(late <= figure(result, "buffer_days") for _, late in rows)
    assert covered >= math.floor((len(rows) - 1) * sureness / 100) + 1 or covered == len(rows)
    assert sum(cells(result, "suppliers", "late")) == sum(late > 0 for _, late in rows)
