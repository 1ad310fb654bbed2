"""Landed cost of imported goods."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.landed import landed_cost
from tests.support.tool_runs import call, cells, figure


def goods(sku: str, quantity: int, price: object, weight: object = 0, duty: object = 0) -> dict[str, Any]:
    return {
        "sku": sku,
        "quantity": quantity,
        "unit_price": str(price),
        "weight_kg": str(weight),
        "duty_rate": str(duty),
    }


def land(*items: dict[str, Any], **more: Any) -> Any:
    return call(landed_cost, goods=list(items), **more)


def test_duty_is_on_the_value_with_freight_and_insurance() -> None:
    result = land(goods("A", 10, 100, duty=10), freight="200", insurance="50")
    assert figure(result, "duty_total") == 125
    assert figure(result, "landed_total") == 1375
    assert cells(result, "items", "unit") == [Decimal("137.50")]
    assert figure(result, "uplift") == 37.5


def test_on_the_american_basis_duty_is_on_the_price_alone() -> None:
    result = land(goods("A", 10, 100, duty=10), freight="200", insurance="50", customs_basis="fob")
    assert figure(result, "duty_total") == 100


def test_freight_goes_by_value_or_by_weight() -> None:
    items = goods("Light", 1, 300, weight=1), goods("Heavy", 1, 100, weight=9)
    assert cells(land(*items, freight="100"), "items", "freight") == [75, 25]
    assert cells(land(*items, freight="100", freight_by="weight"), "items", "freight") == [10, 90]


def test_prices_are_turned_into_the_own_currency() -> None:
    assert figure(land(goods("A", 3, "9.99"), exchange_rate="0.91"), "goods_total") == Decimal("27.27")


def test_import_tax_is_on_everything() -> None:
    result = land(goods("A", 1, 100, duty=10), fees="90", import_tax_rate="20")
    assert figure(result, "import_tax") == 40


def test_the_item_with_the_largest_share_on_top_is_named() -> None:
    result = land(goods("A", 10, 10), goods("B", 10, 10, duty=50))
    assert figure(result, "dearest_item") == "B"
    assert figure(result, "dearest_unit_price") == 10
    assert figure(result, "dearest_unit_cost") == 15
    assert figure(result, "largest_extra") == "duty"


def test_goods_for_nothing_have_no_uplift() -> None:
    result = land(goods("Sample", 1, 0), freight="10")
    assert figure(result, "uplift") is None
    assert figure(result, "landed_total") == 10


def test_freight_by_weight_needs_every_weight() -> None:
    with pytest.raises(ToolNeedsMore, match=r"goods\.weight_kg"):
        land(goods("A", 1, 1, weight=2), goods("B", 1, 1), freight_by="weight")


@pytest.mark.parametrize(("field", "value"), [("quantity", 0), ("unit_price", "-1"), ("duty_rate", "x"), ("hs", "1")])
def test_a_bad_field_is_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=rf"goods\.0\.{field}"):
        land(goods("A", 1, 1) | {field: value})


money = st.decimals(0, 10**5, places=2)


@given(
    st.lists(st.tuples(st.integers(1, 999), money, st.integers(1, 99), st.integers(0, 30)), min_size=1, max_size=9),
    money,
    money,
    money,
    st.sampled_from(["value", "weight"]),
)
def test_every_cost_is_spread_to_the_cent(
    rows: list[tuple[int, Decimal, int, int]], freight: Decimal, insurance: Decimal, fees: Decimal, by: str
) -> None:
    items = [goods(f"G{number}", *row) for number, row in enumerate(rows)]
    result = land(*items, freight=str(freight), insurance=str(insurance), fees=str(fees), freight_by=by)
    assert sum(cells(result, "items", "freight")) == freight
    assert sum(cells(result, "items", "insurance")) == insurance
    assert sum(cells(result, "items", "fees")) == fees
    whole = figure(result, "goods_total") + freight + insurance + fees + figure(result, "duty_total")
    assert sum(cells(result, "items", "landed")) == figure(result, "landed_total") == whole
