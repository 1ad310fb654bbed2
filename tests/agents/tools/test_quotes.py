"""Comparison of offers by their whole cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.quotes import compare_quotes
from tests.support.tool_runs import call, cells, figure


def quote(supplier: str, price: object, **more: Any) -> dict[str, Any]:
    return {"supplier": supplier, "currency": "EUR", "unit_price": str(price), **more}


def compare(*quotes: dict[str, Any], quantity: int = 100, **more: Any) -> Any:
    return call(compare_quotes, quotes=list(quotes), quantity=quantity, **more)


def test_the_whole_cost_is_goods_freight_duty_and_tooling() -> None:
    result = compare(quote("A", 10, freight="50", tooling="30", duty_rate="10"))
    # 1000 + 50, a tenth of both, and 30.
    assert figure(result, "best_cost") == 1185
    assert figure(result, "best_per_unit") == Decimal("11.85")


def test_a_foreign_offer_is_turned_into_the_own_currency() -> None:
    result = compare(quote("A", 10, currency="USD"), rates={"USD": "0.92"})
    assert figure(result, "best_cost") == 920


def test_a_minimum_order_is_paid_and_its_surplus_named() -> None:
    result = compare(quote("A", 10, minimum_quantity=130))
    assert figure(result, "best_cost") == 1300
    assert figure(result, "surplus_units") == 30
    assert figure(result, "surplus_value") == 300


@pytest.mark.parametrize(("rate", "bought"), [("0", 100), ("1", 102), ("50", 200), ("99", 10000)])
def test_enough_is_bought_to_have_the_good_units(rate: str, bought: int) -> None:
    assert compare(quote("A", 1, defect_rate=rate)).offers[0].bought == bought


def test_payment_terms_are_worth_the_interest_of_their_days() -> None:
    result = compare(quote("A", 10, payment_days=73), capital_rate="10")
    assert figure(result, "best_cost") == 980


def test_an_offer_that_is_too_late_never_wins_and_is_named() -> None:
    result = compare(quote("Slow", 5, lead_days=61), quote("Fast", 9, lead_days=60), needed_in_days=60)
    assert figure(result, "best_supplier") == "Fast"
    assert figure(result, "late_supplier") == "Slow"
    assert figure(result, "late_saving") == 400


def test_with_all_offers_too_late_none_is_chosen() -> None:
    result = compare(quote("Slow", 5, lead_days=61), needed_in_days=60)
    assert figure(result, "best_supplier") is None
    assert figure(result, "too_late_count") == 1


def test_the_lowest_price_is_named_when_it_misleads() -> None:
    result = compare(quote("Cheap", 9, freight="200"), quote("Near", 10))
    assert figure(result, "best_supplier") == "Near"
    assert figure(result, "lowest_price_supplier") == "Cheap"
    assert figure(result, "lowest_price_cost") == 1100
    assert figure(result, "saving") == 100
    assert figure(result, "saving_share") == 9.1


def test_a_rate_that_lacks_is_named() -> None:
    with pytest.raises(ToolNeedsMore, match="rates: there is no rate for CNY"):
        compare(quote("A", 1, currency="CNY"))


@pytest.mark.parametrize(("field", "value"), [("defect_rate", "100"), ("currency", "euro"), ("unit_price", "0")])
def test_a_bad_field_is_named(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=rf"quotes\.0\.{field}"):
        compare(quote("A", 1) | {field: value})


money = st.decimals("0.01", 1000, places=2)


@given(
    st.lists(
        st.tuples(money, money, st.integers(1, 3000), st.decimals(0, 60, places=1), st.integers(0, 120)),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 2000),
)
def test_the_parts_add_up_and_the_need_is_met(
    rows: list[tuple[Decimal, Decimal, int, Decimal, int]], quantity: int
) -> None:
    quotes = [
        quote(f"S{n}", price, freight=str(freight), minimum_quantity=least, defect_rate=str(bad), payment_days=days)
        for n, (price, freight, least, bad, days) in enumerate(rows)
    ]
    result = compare(*quotes, quantity=quantity, capital_rate="8")
    names = ("goods", "freight", "duty", "tooling")
    sums = [sum(parts) for parts in zip(*(cells(result, "offers", name) for name in names), strict=True)]
    terms, costs = cells(result, "offers", "terms"), cells(result, "offers", "cost")
    assert [whole - term for whole, term in zip(sums, terms, strict=True)] == costs == sorted(costs)
    assert all(offer.surplus >= 0 for offer in result.offers)
