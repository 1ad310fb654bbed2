"""Order quantities with price breaks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.order_quantities import order_quantity
from tests.support.tool_runs import call, cells, figure


def breaks(*pairs: tuple[int, object]) -> list[dict[str, Any]]:
    return [{"from_quantity": quantity, "unit_price": str(price)} for quantity, price in pairs]


def order(*pairs: tuple[int, object], demand: int = 1200, cost: object = 50, **more: Any) -> Any:
    return call(order_quantity, yearly_demand=demand, order_cost=str(cost), price_breaks=breaks(*pairs), **more)


def test_without_breaks_it_is_harris_formula() -> None:
    # sqrt(2 * 1200 * 50 / (0.2 * 15)) = 200
    result = order((1, 15), holding_rate="20")
    assert figure(result, "best_quantity") == 200
    assert figure(result, "ordering_cost") == figure(result, "holding_cost") == 300
    assert figure(result, "orders_a_year") == 6
    assert figure(result, "discount_quantity") is None


def test_a_price_break_pulls_the_order_up_when_it_pays() -> None:
    result = order((1, 15), (500, "14"), holding_rate="20")
    # 1200 * 14 + 1200 * 50 / 500 + 500 * 2.8 / 2 = 17620 against 18600.
    assert figure(result, "best_quantity") == figure(result, "discount_quantity") == 500
    assert figure(result, "best_cost") == 17620
    assert figure(result, "plain_quantity") == 200


def test_a_price_break_that_does_not_pay_is_left() -> None:
    assert figure(order((1, 15), (2000, "14.90"), holding_rate="20"), "best_quantity") == 200


def test_the_saving_is_against_the_present_quantity() -> None:
    result = order((1, 15), holding_rate="20", current_quantity=100)
    # 18000 + 600 + 150 against 18600.
    assert figure(result, "saving") == 150
    assert figure(order((1, 15), holding_rate="20", current_quantity=200), "saving") is None


def test_orders_are_whole_packs() -> None:
    assert figure(order((1, 15), holding_rate="20", pack_size=144), "best_quantity") == 144


def test_free_ordering_means_the_smallest_order() -> None:
    assert figure(order((10, 15), cost=0), "best_quantity") == 10


@pytest.mark.parametrize(
    ("pairs", "more", "field"),
    [
        (((1, 5), (1, 4)), {}, "price_breaks"),
        (((10, 5),), {"current_quantity": 5}, "current_quantity"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_field(pairs: Any, more: dict[str, Any], field: str) -> None:
    with pytest.raises(ToolNeedsMore, match=field):
        order(*pairs, **more)


def test_a_bad_field_is_named() -> None:
    with pytest.raises(ValidationError, match=r"price_breaks\.0\.unit_price"):
        order((1, 0))


@given(
    st.integers(1, 400),
    st.integers(0, 300),
    st.integers(1, 100),
    st.lists(st.tuples(st.integers(2, 300), st.integers(1, 99)), max_size=3, unique_by=lambda pair: pair[0]),
    st.integers(1, 12),
)
def test_no_quantity_costs_less(demand: int, cost: int, rate: int, more: list[tuple[int, int]], pack: int) -> None:
    pairs = [(1, 100), *more]
    result = order(*pairs, demand=demand, cost=cost, holding_rate=str(rate), pack_size=pack)

    def exact(quantity: int) -> Decimal:
        price = next(p for q, p in sorted(pairs, reverse=True) if q <= quantity)
        return Decimal(demand * price) + Decimal(demand * cost) / quantity + Decimal(quantity * price * rate) / 200

    best = min(exact(quantity) for quantity in range(pack, 2000, pack))
    # Each of the parts is rounded to the cent.
    assert figure(result, "best_cost") <= best + Decimal("0.03")
    assert figure(result, "best_quantity") % pack == 0
    assert min(cells(result, "options", "cost")) == figure(result, "best_cost")
