"""Bids from conversion rates that are drawn towards the mean."""

from __future__ import annotations

from decimal import Decimal
from math import lgamma
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.bids import bid_advice
from tests.support.tool_runs import call, figure

ROWS = [(800, 40), (120, 9), (600, 3), (900, 9), (25, 2), (12, 0)]


def keyword(name: str, clicks: int, conversions: int, bid: object = 1) -> dict[str, Any]:
    return {"keyword": name, "clicks": clicks, "conversions": conversions, "bid": str(bid)}


def advise(*rows: tuple[int, int], bid: object = 1, **more: Any) -> Any:
    keywords = [keyword(f"K{n}", *row, bid) for n, row in enumerate(rows)]
    return call(bid_advice, keywords=keywords, **({"target_cost": "40"} | more))


def likelihood(strength: float) -> float:
    """Give the log-likelihood of the beta-binomial without its constant terms, from gamma functions alone."""
    mean = sum(k for _, k in ROWS) / sum(n for n, _ in ROWS)
    a, b = mean * strength, (1 - mean) * strength
    return sum(
        lgamma(k + a) + lgamma(n - k + b) - lgamma(n + a + b) - lgamma(a) - lgamma(b) + lgamma(a + b) for n, k in ROWS
    )


def test_the_strength_has_the_greatest_likelihood() -> None:
    strength = figure(advise(*ROWS), "strength")
    assert strength == max(range(2, 400), key=likelihood)


def test_a_rate_is_drawn_to_the_mean_the_more_the_fewer_its_clicks() -> None:
    result = advise(*ROWS)
    mean, strength = 63 / 2457, figure(result, "strength")
    drawn = {bid.keyword: bid.drawn_rate for bid in result.bids}
    assert drawn["K0"] == pytest.approx(100 * (40 + mean * strength) / (800 + strength), rel=1e-2)
    assert 100 * mean < drawn["K4"] < 8
    assert 0 < drawn["K5"] < 100 * mean


def test_a_bid_is_worth_the_target_times_the_rate_and_moves_by_the_largest_change_at_most() -> None:
    bids = {bid.keyword: bid for bid in advise(*ROWS, largest_change="50").bids}
    assert bids["K0"].worth == pytest.approx(Decimal("0.4") * Decimal(str(bids["K0"].drawn_rate)), abs=Decimal("0.01"))
    assert bids["K0"].advised == Decimal("1.50")
    assert bids["K2"].advised == Decimal("0.50")
    assert (bids["K0"].move, bids["K2"].move) == ("raise", "cut")


def test_a_wanted_return_is_a_target_cost() -> None:
    result = advise(*ROWS, target_cost=None, conversion_value="100", target_roas="4")
    assert figure(result, "target_cost") == 25


@pytest.mark.parametrize("more", [{}, {"conversion_value": "5"}, {"target_roas": "5"}])
def test_without_a_goal_the_field_is_named(more: dict[str, str]) -> None:
    with pytest.raises(ToolNeedsMore, match="target_cost"):
        advise(*ROWS, target_cost=None, **more)


def test_without_any_conversion_no_bid_is_advised() -> None:
    with pytest.raises(ToolNeedsMore, match="keywords"):
        advise((10, 0), (20, 0))


def test_keywords_alike_are_all_drawn_to_the_mean_and_kept() -> None:
    result = advise((1000, 25), (1000, 25), bid="1.00")
    assert figure(result, "keep_count") == 2
    assert figure(result, "raise_keyword") is None


def test_more_conversions_than_clicks_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"keywords\.0\n.*conversions"):
        advise((1, 2), (1, 1))


pairs = st.integers(0, 5000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@settings(max_examples=40)
@given(st.lists(pairs, min_size=2, max_size=12).filter(lambda rows: any(k for _, k in rows)), st.integers(0, 100))
def test_every_bid_stays_within_the_largest_change(rows: list[tuple[int, int]], change: int) -> None:
    result = advise(*rows, bid="2.00", largest_change=str(change))
    low, high = Decimal("0.02") * (100 - change), Decimal("0.02") * (100 + change)
    assert all(max(low, Decimal("0.01")) <= bid.advised <= high for bid in result.bids)
    moves = [figure(result, f"{move}_count") for move in ("raise", "cut", "keep")]
    assert sum(moves) == figure(result, "keyword_count")
