"""Segments, positions, personas, market size and channels, worked out by hand or by another way."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.metrics import silhouette_score  # type: ignore[import-untyped]

from agents.tooling import ToolNeedsMore
from agents.tools.channel_mix import ChannelPeriod, channel_mix_review, response
from agents.tools.market_size import market_sizing
from agents.tools.personas import persona_build
from agents.tools.positioning import positioning_map
from agents.tools.segments import customer_segments
from tests.support.tool_runs import figures, run


def customers(*groups: tuple[int, float, float]) -> list[dict[str, Any]]:
    """Give groups of customers around (orders, value), each a little apart from the others."""
    made = []
    for count, orders, value in groups:
        for n in range(count):
            traits = {"orders": orders + 0.1 * (n % 3), "value": value + 0.2 * (n % 4)}
            made.append({"id": f"C-{len(made)}", "traits": traits})
    return made


async def test_groups_that_are_there_are_found_and_named() -> None:
    given_ = customers((10, 2, 20), (6, 9, 22), (4, 9, 80))
    result = await run(customer_segments, customers=given_, value_trait="value")
    found = figures(result)
    assert (found["group_count"], found["largest_share"], found["smallest_share"]) == (3, 50, 20)
    assert found["largest_group"] == "low orders, low value"
    assert found["value_group"] == "high value, high orders"
    worth = [item["traits"]["value"] for item in given_]
    assert found["value_share"] == round(sum(worth[16:]) / sum(worth) * 100)
    scaled = np.array([[item["traits"]["orders"], item["traits"]["value"]] for item in given_])
    scaled = (scaled - scaled.mean(axis=0)) / scaled.std(axis=0)
    expected = silhouette_score(scaled, [0] * 10 + [1] * 6 + [2] * 4)
    assert found["silhouette"] == pytest.approx(expected, abs=0.006)


async def test_every_customer_is_in_a_single_group() -> None:
    given_ = customers((10, 2, 20), (6, 9, 22), (4, 9, 80))
    result = await run(customer_segments, customers=given_)
    placed = [name for group in result.groups for name in group.customers]
    assert sorted(placed) == sorted(item["id"] for item in given_)
    assert "value_group" not in figures(result)


async def test_customers_who_are_all_alike_make_no_groups() -> None:
    with pytest.raises(ToolNeedsMore, match="same for all"):
        await run(customer_segments, customers=[{"id": str(n), "traits": {"orders": 3}} for n in range(12)])


def test_a_customer_with_other_figures_is_named() -> None:
    given_ = [*customers((12, 1, 1)), {"id": "odd", "traits": {"orders": 1}}]
    with pytest.raises(ValidationError, match="odd has other figures"):
        customer_segments.args.model_validate({"customers": given_})


BRANDS = [
    {"name": "Ours", "scores": {"price": 5, "quality": 9, "speed": 4}},
    {"name": "Near", "scores": {"price": 5, "quality": 8, "speed": 5}},
    {"name": "Far", "scores": {"price": 9, "quality": 3, "speed": 9}},
]


async def test_the_nearest_rival_and_the_gaps_are_those_of_the_scores() -> None:
    result = await run(positioning_map, brands=BRANDS, ours="Ours")
    found = figures(result)
    assert result.rivals == ["Near", "Far"]
    assert (found["strongest"], found["strongest_lead"]) == ("quality", 3.5)  # 9 - (8 + 3) / 2
    assert (found["weakest"], found["weakest_gap"], found["weakest_leader"]) == ("speed", 3, "Far")
    assert found["unique_strengths"] == 1
    scores = np.array([list(item["scores"].values()) for item in BRANDS], dtype=float)
    scaled = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    assert found["nearest_distance"] == pytest.approx(np.sqrt(((scaled[0] - scaled[1]) ** 2).mean()), abs=0.006)
    values = np.linalg.eigvalsh(np.cov(scaled.T))[::-1]
    assert found["explained"] == round(values[:2].sum() / values.sum() * 100)


async def test_chosen_axes_show_the_scores_themselves() -> None:
    result = await run(positioning_map, brands=BRANDS, ours="Ours", axes=["price", "speed"])
    places = {row["brand"]: (row["x"], row["y"]) for row in result.parts["map"].rows}
    assert places == {"Ours": (5, 4), "Near": (5, 5), "Far": (9, 9)}
    assert figures(result)["explained"] == 67  # a pair of three attributes of equal weight


@pytest.mark.parametrize(
    ("more", "says"),
    [({"ours": "Nobody"}, "no brand is named"), ({"axes": ["price"]}, "axes"), ({"axes": ["price", "taste"]}, "axes")],
)
def test_a_map_that_cannot_be_drawn_is_refused(more: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        positioning_map.args.model_validate({"brands": BRANDS, "ours": "Ours"} | more)


def row(**traits: Any) -> dict[str, Any]:
    return {"traits": traits}


async def test_a_persona_carries_shares_and_medians_of_its_rows_only() -> None:
    rows = [row(kind="shop", city="Berlin", team=n) for n in (1, 2, 3, 4)] + [row(kind="shop", city="Ulm", team=90)]
    rows += [row(kind="maker", city="Ulm", team=1)] * 5
    result = await run(persona_build, customers=rows, group_by="kind")
    shop = next(item for item in result.personas if item.name == "shop")
    by_trait = {item.trait: item for item in shop.traits}
    assert (by_trait["city"].typical, by_trait["city"].share, by_trait["city"].lift) == ("Berlin", 0.8, 2.0)
    assert (by_trait["team"].typical, by_trait["team"].low, by_trait["team"].high) == (3, 2, 4)
    found = figures(result)
    assert (found["persona_count"], found["left_out"], found["shaky_count"]) == (2, 0, 2)
    sheets = result.parts["sheets"].text
    assert "- city: Berlin (80% of 5)" in sheets
    assert "- team: 3 in the middle, 2 to 4 for most" in sheets


async def test_small_groups_and_unknown_values_are_left_out_and_counted() -> None:
    rows = [row(kind="shop", city="")] * 6 + [row(kind="rare", city="Ulm")] * 2 + [row(kind="", city="Ulm")]
    found = figures(await run(persona_build, customers=rows, group_by="kind"))
    assert (found["persona_count"], found["left_out"]) == (1, 3)
    assert (found["thinnest_trait"], found["thinnest_known"]) == ("city", 33)


async def test_without_a_dividing_trait_there_is_one_persona() -> None:
    result = await run(persona_build, customers=[row(city="Ulm")] * 5)
    assert [item.name for item in result.personas] == ["All customers"]
    assert "telling_persona" not in figures(result)


def spread(low: str, base: str, high: str) -> dict[str, str]:
    return {"low": low, "base": base, "high": high}


BELOW = {
    "customers": spread("800", "1000", "1200"),
    "purchases_per_year": spread("2", "2", "2"),
    "price": spread("9.99", "10.00", "10.01"),
    "reachable_percent": spread("40", "50", "60"),
    "win_percent": spread("5", "10", "20"),
}


async def test_a_market_from_below_and_from_above() -> None:
    above = {"market_value": "400000", "segment_percent": "10", "reachable_percent": "50", "win_percent": "10"}
    result = await run(market_sizing, from_below=BELOW, from_above=above)
    found = figures(result)
    assert (found["tam"], found["sam"], found["som"]) == ("20000.00", "10000.00", "1000.00")
    assert (found["som_low"], found["som_high"]) == ("319.68", "2882.88")  # 800*2*9.99*.4*.05, 1200*2*10.01*.6*.2
    assert (found["som_above"], found["agreement"], found["higher_way"]) == ("2000.00", 2, "from above")
    assert (found["top_assumption"], found["top_swing"]) == ("share to be won", "1500.00")
    assert (found["least_assumption"], found["least_swing"]) == ("purchases of a year", "0.00")
    assert found["customers_won"] == 50


@given(st.integers(1, 10**6), st.integers(1, 99), st.integers(1, 99))
def test_amounts_stay_exact(customers_: int, reach: int, win: int) -> None:
    from agents.tools.market_size import reckon

    values = {
        "customers": Decimal(customers_),
        "purchases_per_year": Decimal(3),
        "price": Decimal("19.99"),
        "reachable_percent": Decimal(reach),
        "win_percent": Decimal(win),
    }
    assert reckon(values)[2] == Decimal(customers_ * 3 * 1999 * reach * win) / Decimal(10**6)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"price": spread("11", "10", "12")}, "must not fall"),
        ({"win_percent": spread("5", "10", "120")}, "win_percent"),
        ({"customers": spread("0", "10", "12")}, "customers"),
    ],
)
def test_an_impossible_assumption_is_named(more: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        market_sizing.args.model_validate({"from_below": BELOW | more})


def months(channel: str, scale: float, power: float, costs: list[int]) -> list[dict[str, Any]]:
    """Give periods whose revenue follows scale * cost^power, to the cent."""
    return [
        {"channel": channel, "period": str(n), "cost": str(cost), "revenue": f"{scale * cost**power:.2f}"}
        for n, cost in enumerate(costs)
    ]


async def test_the_marginal_return_is_the_slope_of_the_response() -> None:
    steep, flat = months("mail", 10, 0.9, [100, 150, 200, 250]), months("ads", 100, 0.3, [400, 500, 600, 700])
    result = await run(channel_mix_review, results=steep + flat)
    found = figures(result)
    assert (found["best_channel"], found["worst_channel"]) == ("mail", "ads")
    revenue = sum(10 * cost**0.9 for cost in (100, 150, 200, 250))
    assert found["best_marginal"] == pytest.approx(0.9 * revenue / 700, abs=0.01)
    assert found["shift"] == "17.50"  # a tenth of the mean cost of the smaller one, 175
    gain = 17.5 * (0.9 * revenue / 700 - 0.3 * sum(100 * cost**0.3 for cost in (400, 500, 600, 700)) / 2200)
    assert float(found["shift_gain"]) == pytest.approx(gain, abs=0.02)


def test_the_elasticity_is_found_again() -> None:
    items = [ChannelPeriod.model_validate(item) for item in months("mail", 7, 0.6, [100, 200, 400, 800])]
    found = response(items)
    assert found is not None
    assert found[0] == pytest.approx(0.6, abs=0.001)


async def test_costs_that_never_vary_tell_no_response() -> None:
    results = months("mail", 10, 0.9, [100] * 6) + months("ads", 1, 0.5, [300] * 6)
    found = figures(await run(channel_mix_review, results=results))
    assert found["judged_count"] == 0
    assert not {"shift", "best_channel"} & set(found)
    assert (found["losing_channel"], found["losing_count"]) == ("ads", 1)
    assert found["losing_return"] == round(math.sqrt(300) / 300, 2)


async def test_a_free_channel_is_no_division_by_nothing() -> None:
    results = [
        {"channel": "friends", "period": "1", "cost": "0", "revenue": "50"},
        {"channel": "ads", "period": "1", "cost": "10", "revenue": "30"},
    ]
    result = await run(channel_mix_review, results=results)
    assert figures(result)["mean_return"] == 8
    assert next(item for item in result.parts["channels"].rows if item["channel"] == "friends")["mean"] is None


@pytest.mark.parametrize("cost", ["0", "5"])
async def test_results_without_cost_or_with_a_period_twice_are_refused(cost: str) -> None:
    results = [{"channel": "ads", "period": "1", "cost": cost, "revenue": "1"}] * 2
    with pytest.raises(ToolNeedsMore, match="results"):
        await run(channel_mix_review, results=results)
