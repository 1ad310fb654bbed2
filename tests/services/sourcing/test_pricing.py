"""Landed cost, price rules and scores: the arithmetic, by examples worked by hand and by properties."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.services.sourcing import landed, pricing, scores
from bizosaas_app.services.sourcing.landed import Terms
from bizosaas_app.services.sourcing.pricing import Rule, Tier

D = Decimal

TERMS = Terms(
    unit_price=D("4.00"),
    price_breaks=[{"from": 100, "unit_price": "3.60"}, {"from": 500, "unit_price": "3.20"}],
    freight=D("0.40"),
    order_fees=D("60"),
    duty_rate=D("12"),
    minimum_order=50,
)
RULE = Rule((Tier(D(0), D(100)), Tier(D(10), D(60)), Tier(D(50), D(35))), D("1.50"), D(20), D("0.99"))

costs = st.decimals(min_value=0, max_value=10**9, places=4)
percents = st.decimals(min_value=0, max_value=1000, places=4)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    begins = [D(0), *sorted(draw(st.sets(costs.filter(bool), max_size=5)))]
    tiers = tuple(Tier(begin, draw(percents)) for begin in begins)
    ending = draw(st.none() | st.sampled_from([D("0.99"), D("0.95"), D("0.9"), D(0), D("0.999")]))
    return Rule(tiers, draw(st.decimals(min_value=0, max_value=10**6, places=4)), draw(percents), ending)


def test_landed_cost_as_it_is_worked_by_hand() -> None:
    found = landed.land(TERMS, quantity=100, rate=D("0.9"))
    # 3.60 x 0.9 = 3.24; 0.40 x 0.9 = 0.36; 12% of 3.60 = 0.432; 60 x 0.9 / 100 = 0.54
    assert (found.price, found.freight, found.duty, found.fees) == (D("3.24"), D("0.36"), D("0.432"), D("0.54"))
    assert found.total == D("4.572")
    assert landed.margin(D("9.99"), found.total) == D("54.2")
    assert landed.margin(D(0), found.total) is None


def test_duty_leaves_the_freight_out_where_the_customs_value_is_fob() -> None:
    assert landed.land(TERMS, quantity=100, basis="fob").duty == D("0.432")
    assert landed.land(TERMS, quantity=100, basis="cif").duty == D("0.48")


@pytest.mark.parametrize(
    ("quantity", "price"), [(1, "4.00"), (50, "4.00"), (99, "4.00"), (100, "3.60"), (499, "3.60"), (500, "3.20")]
)
def test_a_price_break_counts_from_its_quantity_on(quantity: int, price: str) -> None:
    assert landed.price_for(TERMS, quantity) == D(price)


def test_less_than_the_minimum_costs_what_the_minimum_costs() -> None:
    assert landed.land(TERMS, quantity=1) == landed.land(TERMS, quantity=50)


terms_of_any_kind = st.builds(
    Terms, unit_price=costs, freight=costs, order_fees=costs, duty_rate=percents, minimum_order=st.integers(1, 1000)
)


@given(terms_of_any_kind, st.integers(1, 10**6), st.decimals("0.0001", 10_000, places=4))
def test_a_landed_cost_is_never_understated(terms: Terms, quantity: int, rate: D) -> None:
    found = landed.land(terms, quantity=quantity, rate=rate)
    on_top = terms.order_fees * rate / max(quantity, terms.minimum_order)
    exact = (terms.unit_price + terms.freight) * rate * (1 + terms.duty_rate / 100) + on_top
    assert exact - D("1e-9") <= found.total <= exact + 4 * landed.STEP
    assert landed.land(terms, quantity=quantity, rate=rate, basis="fob").total <= found.total


@pytest.mark.parametrize(
    ("cost", "price", "is_floor"),
    [
        ("4.572", "9.99", False),
        ("0.50", "2.99", True),
        ("9.9999", "20.99", False),
        ("10", "16.99", False),
        ("100", "135.99", False),
        ("0", "1.99", True),
    ],
)
def test_a_price_by_its_tier_its_floor_and_its_ending(cost: str, price: str, is_floor: bool) -> None:
    found = pricing.price(D(cost), RULE, "EUR")
    assert (found.price, found.is_floor) == (D(price), is_floor)


@given(costs, rules(), st.sampled_from(["EUR", "JPY", "KWD", "USD"]))
def test_no_price_is_below_the_landed_cost_and_the_floor(cost: D, rule: Rule, currency: str) -> None:
    found = pricing.price(cost, rule, currency)
    least = cost + max(rule.floor_amount, cost * rule.floor_percent / 100)
    assert found.price >= found.floor_price >= least >= cost
    assert found.price >= cost * (1 + found.tier.markup / 100)
    assert found.tier.begins <= cost
    coin = {"EUR": D("0.01"), "USD": D("0.01"), "JPY": D(1), "KWD": D("0.001")}[currency]
    assert found.price == found.price.quantize(coin)
    if rule.ending is not None and rule.ending == rule.ending.quantize(coin):
        assert found.price % 1 == rule.ending


@given(costs, rules())
def test_a_price_is_at_most_one_ending_above_what_it_must_be(cost: D, rule: Rule) -> None:
    found = pricing.price(cost, rule, "EUR")
    least = max(cost + max(rule.floor_amount, cost * rule.floor_percent / 100), cost * (1 + found.tier.markup / 100))
    assert found.price - least < D("1.01")


@given(rules())
def test_rules_that_the_strategy_makes_are_without_fault(rule: Rule) -> None:
    assert pricing.find_faults(rule) == {}


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(()), "tiers.0.from"),
        (Rule((Tier(D(1), D(1)),)), "tiers.0.from"),
        (Rule((Tier(D(0), D(1)), Tier(D(0), D(1)))), "tiers.1.from"),
        (Rule((Tier(D(0), D(-1)),)), "tiers.0.markup"),
        (Rule((Tier(D(0), D(10_001)),)), "tiers.0.markup"),
        (Rule((Tier(D(0), D(1)),), ending=D(1)), "ending"),
        (Rule((Tier(D(0), D(1)),), floor_percent=D(10_001)), "floor_percent"),
        (Rule(tuple(Tier(D(number), D(1)) for number in range(21))), "tiers"),
    ],
)
def test_a_rule_with_a_fault_names_its_field(rule: Rule, field: str) -> None:
    assert field in pricing.find_faults(rule)


def facts(**known: Any) -> scores.Facts:
    values = {
        "landed": D(5),
        "cheapest": D(4),
        "quantity": 100,
        "minimum_order": 200,
        "lead_time_days": 20,
        "defect_rate": D(1),
        "on_time_rate": D(94),
    }
    return scores.Facts(**(values | known))


def test_a_score_is_the_mean_of_its_signals_by_weight_and_says_why() -> None:
    found = scores.score(facts())
    points = {item.key: item.points for item in found.signals}
    assert points == {
        "price": D("80.0"),
        "defect_rate": D("80.0"),
        "on_time_rate": D("80.0"),
        "lead_time": D("75.5"),
        "minimum_order": D("50.0"),
    }
    # (80 x 40 + 80 x 20 + 80 x 15 + 75.5 x 15 + 50 x 10) / 100
    assert found.value == D("76.3")
    assert found.signals[0].detail == "Lands 25% above the cheapest offer"
    assert sum(scores.WEIGHTS.values()) == 100


def test_what_is_not_known_is_left_out_and_says_so() -> None:
    found = scores.score(facts(defect_rate=None, on_time_rate=None, lead_time_days=None, landed=D(4)))
    assert [item.points for item in found.signals] == [D(100), None, None, None, D(50)]
    assert found.value == D(90)
    assert found.signals[1].detail == "No record of faulty units"


optional = st.none() | st.decimals(min_value=0, max_value=100, places=2)
facts_of_any_kind = st.builds(
    scores.Facts,
    landed=costs,
    cheapest=costs,
    quantity=st.integers(1, 10**6),
    minimum_order=st.integers(1, 10**6),
    lead_time_days=st.none() | st.integers(0, 3650),
    defect_rate=optional,
    on_time_rate=optional,
)


@given(facts_of_any_kind)
def test_every_score_lies_between_0_and_100(known: scores.Facts) -> None:
    found = scores.score(known)
    assert 0 <= found.value <= 100
    assert all(item.points is None or 0 <= item.points <= 100 for item in found.signals)


@given(facts_of_any_kind, st.decimals(min_value=0, max_value=100, places=2))
def test_fewer_defects_never_make_a_score_worse(known: scores.Facts, fewer: D) -> None:
    worse = replace(known, defect_rate=max(fewer, known.defect_rate or D(0)))
    assert scores.score(replace(known, defect_rate=fewer)).value >= scores.score(worse).value
