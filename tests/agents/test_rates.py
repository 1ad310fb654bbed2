"""Rates keep to what few cases can say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.rates import Rate, p_value


def test_the_interval_is_that_of_the_textbook() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 and 15 of 148 and 0 of 20."""
    for rate, low, high in ((Rate(81, 263), 25.53, 36.62), (Rate(15, 148), 6.24, 16.05), (Rate(0, 20), 0, 16.11)):
        assert rate.bounds == pytest.approx((low, high), abs=0.01)


@given(cases=st.integers(1, 10**6), share=st.floats(0, 1))
def test_the_interval_holds_the_rate(cases: int, share: float) -> None:
    rate = Rate(round(share * cases), cases)
    low, high = rate.bounds
    assert 0 <= low <= rate.percent + 1e-9
    assert rate.percent - 1e-9 <= high <= 100


def test_no_cases_say_nothing() -> None:
    assert (Rate(0, 0).percent, Rate(0, 0).bounds) == (0.0, (0.0, 100.0))


def test_the_lady_who_tasted_tea() -> None:
    """Fisher's own example: 3 of 4 against 1 of 4 gives 34/70."""
    assert p_value(Rate(3, 4), Rate(1, 4)) == pytest.approx(34 / 70)
