"""Split of an advertising budget over channels."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.optimize import minimize

from agents.tooling import ToolNeedsMore
from agents.tools.ad_budgets import split_ad_budget
from tests.support.tool_runs import call, cells, figure


def channel(name: str, scale: float, exponent: float = 0.5, **more: Any) -> dict[str, Any]:
    history = [{"spend": str(s), "conversions": scale * s**exponent} for s in (100, 400, 900, 1600)]
    return {"name": name, "history": history, **more}


def split(budget: object, *channels: dict[str, Any]) -> Any:
    return call(split_ad_budget, budget=str(budget), channels=list(channels))


def test_with_square_root_curves_the_shares_follow_the_squares_of_their_scales() -> None:
    result = split(1000, channel("A", 2), channel("B", 1))
    assert cells(result, "shares", "budget") == [800, 200]
    assert sum(share.conversions for share in result.shares) == pytest.approx(2 * 800**0.5 + 200**0.5)


def test_a_bound_holds_and_the_rest_goes_to_the_others() -> None:
    result = split(1000, channel("A", 2, maximum="500"), channel("B", 1, minimum="50"))
    assert cells(result, "shares", "budget") == [500, 500]
    assert figure(result, "bound_channel") == "A"


def test_no_other_split_found_by_a_general_optimiser_brings_more() -> None:
    result = split(2000, channel("A", 2, 0.4), channel("B", 1, 0.6), channel("C", 0.3, 0.8))
    curves = [(2, 0.4), (1, 0.6), (0.3, 0.8)]
    other = minimize(
        lambda x: -sum(a * s**b for (a, b), s in zip(curves, x, strict=True)),
        np.full(3, 2000 / 3),
        bounds=[(1, 2000)] * 3,
        constraints={"type": "eq", "fun": lambda x: x.sum() - 2000},
        method="SLSQP",
    )
    assert sum(share.conversions for share in result.shares) == pytest.approx(-other.fun, rel=1e-5)


def test_the_gain_is_against_the_shares_of_the_latest_period() -> None:
    result = split(1000, channel("A", 2), channel("B", 1))
    before = 3 * 500**0.5
    assert figure(result, "expected_before") == round(before)
    assert figure(result, "raised_by") == 300
    assert figure(result, "cut_by") == 300
    assert figure(result, "gain_share") == round(100 * ((2 * 800**0.5 + 200**0.5) / before - 1), 1)


def test_a_channel_without_conversions_gets_its_minimum() -> None:
    dead = {"name": "Dead", "history": [{"spend": str(s), "conversions": 0} for s in (1, 2, 3)], "minimum": "10"}
    assert cells(split(1000, channel("A", 2), dead), "shares", "budget") == [990, 10]


def test_a_history_that_explains_little_is_named() -> None:
    noise = [{"spend": str(s), "conversions": c} for s, c in ((100, 50), (400, 5), (900, 45), (1600, 8))]
    assert figure(split(100, channel("A", 2), {"name": "Noise", "history": noise}), "weak_channel") == "Noise"


def test_a_share_far_beyond_what_was_tried_is_named() -> None:
    assert figure(split(5000, channel("A", 2), channel("B", 1)), "beyond_channel") == "A"
    assert figure(split(1000, channel("A", 2), channel("B", 1)), "beyond_channel") is None


@pytest.mark.parametrize(
    ("budget", "bounds", "field"),
    [
        (100, {"minimum": "200", "maximum": "150"}, "channels"),
        (100, {"minimum": "101"}, "channels"),
        (100, {"maximum": "20"}, "budget"),
    ],
)
def test_bounds_that_cannot_hold_are_refused_with_the_field(budget: int, bounds: dict[str, str], field: str) -> None:
    with pytest.raises(ToolNeedsMore, match=field):
        split(budget, channel("A", 2, **bounds), channel("B", 1, maximum="50"))


def test_a_spend_that_never_changes_cannot_be_judged() -> None:
    flat = {"name": "Flat", "history": [{"spend": "5", "conversions": c} for c in (1, 2, 3)]}
    with pytest.raises(ToolNeedsMore, match="Flat never changes"):
        split(10, channel("A", 1), flat)


def test_a_bad_field_is_named() -> None:
    with pytest.raises(ValidationError, match=r"channels\.0\.history"):
        split(10, channel("A", 1) | {"history": []}, channel("B", 1))


@settings(max_examples=60)
@given(
    st.decimals("1", 10**6, places=2),
    st.lists(
        st.tuples(st.floats(0.01, 50), st.floats(0.1, 0.9), st.integers(0, 10), st.integers(40, 100)),
        min_size=3,
        max_size=6,
    ),
)
def test_the_shares_add_up_to_the_budget_within_their_bounds(
    budget: Decimal, rows: list[tuple[float, float, int, int]]
) -> None:
    channels = [
        channel(f"C{n}", scale, exponent, minimum=str(budget * low / 100), maximum=str(budget * high / 100))
        for n, (scale, exponent, low, high) in enumerate(rows)
    ]
    shares = cells(split(budget, *channels), "shares", "budget")
    assert sum(shares) == budget
    for share, (_, _, low, high) in zip(shares, rows, strict=True):
        assert budget * low / 100 <= share <= budget * high / 100
