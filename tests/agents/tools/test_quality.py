"""P-charts of inspected lots."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tools.quality import quality_chart
from tests.support.tool_runs import call, cells, figure


def chart(*lots: tuple[int, int], **more: Any) -> Any:
    samples = [{"label": f"L{n}", "inspected": i, "defective": d} for n, (i, d) in enumerate(lots, start=1)]
    return call(quality_chart, samples=samples, **more)


def test_the_limits_are_three_standard_errors_of_each_size() -> None:
    result = chart((100, 5), (400, 20))
    for judged, size in zip(result.samples, (100, 400), strict=True):
        reach = 3 * math.sqrt(0.05 * 0.95 / size)
        assert judged.high == pytest.approx(100 * (0.05 + reach))
        assert judged.low == pytest.approx(100 * max(0.05 - reach, 0))


def test_a_lot_above_its_limit_is_a_signal_and_the_furthest_is_named() -> None:
    result = chart(*[(200, 4)] * 9, (200, 20))
    assert figure(result, "signal_count") == 1
    assert figure(result, "worst_sample") == "L10"
    assert figure(result, "worst_rate") == 10


def test_a_lot_below_its_limit_is_good_news() -> None:
    result = chart(*[(1000, 100)] * 9, (1000, 50))
    assert figure(result, "good_signal_count") == 1
    assert figure(result, "signal_count") == 0


@pytest.mark.parametrize(("length", "run"), [(7, None), (8, 8), (9, 9)])
def test_eight_in_a_row_above_the_mean_are_a_run(length: int, run: int | None) -> None:
    result = chart(*[(200, 8)] * 10, *[(200, 12)] * length)
    assert figure(result, "run_above") == run
    assert figure(result, "run_start") == ("L11" if run else None)


def test_a_run_below_the_mean_is_told_apart() -> None:
    result = chart(*[(200, 12)] * 10, *[(200, 8)] * 8)
    assert figure(result, "run_below") == 8
    assert figure(result, "run_above") is None


def test_equal_lots_form_no_run() -> None:
    assert figure(chart(*[(200, 8)] * 12), "run_above") is None


def test_what_exceeds_the_agreed_share_is_counted() -> None:
    result = chart((1000, 30), (1000, 20), agreed_rate="2")
    assert figure(result, "excess_rate") == 0.5
    assert figure(result, "excess_units") == 10
    assert figure(chart((1000, 20), agreed_rate="2"), "excess_rate") is None


def test_without_any_defect_all_is_within() -> None:
    result = chart((50, 0), (50, 0))
    assert figure(result, "signal_count") == 0
    assert figure(result, "small_count") == 2


def test_more_defective_than_inspected_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"samples\.0\n.*defective"):
        chart((5, 6))


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500)), min_size=1, max_size=40))
def test_lots_add_up_and_every_lot_has_one_verdict(rows: list[tuple[int, int]]) -> None:
    lots = [(inspected, min(defective, inspected)) for inspected, defective in rows]
    result = chart(*lots)
    verdicts = cells(result, "samples", "verdict")
    assert figure(result, "defect_count") == sum(defective for _, defective in lots)
    assert verdicts.count("above the limit") == figure(result, "signal_count")
    assert verdicts.count("below the limit") == figure(result, "good_signal_count")
    assert all(0 <= judged.low <= judged.high <= 100 for judged in result.samples)
