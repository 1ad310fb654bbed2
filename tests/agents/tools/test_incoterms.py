"""Incoterms 2020: the table, the customs value and the duty."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.incoterms import STAGES, TERMS, incoterm_check
from tests.support.tool_runs import call, figure

COSTS = {
    "carriage_to_port": 30,
    "export_clearance": 8,
    "origin_handling": 15,
    "loading_on_board": 12,
    "main_carriage": 140,
    "insurance": 6,
    "destination_handling": 22,
    "import_clearance": 9,
    "carriage_from_port": 35,
    "unloading": 5,
}


def check(term: str, price: object = 1000, costs: dict[str, int] | None = None, **more: Any) -> Any:
    rows = [{"stage": stage, "amount": str(amount)} for stage, amount in (COSTS if costs is None else costs).items()]
    return call(incoterm_check, term=term, price=str(price), costs=rows, **more)


@pytest.mark.parametrize(
    ("term", "sellers"),
    [
        ("EXW", {"packing"}),
        ("FCA", {"packing", "loading", "carriage_to_port", "export_clearance"}),
        ("FAS", {"packing", "loading", "carriage_to_port", "export_clearance", "origin_handling"}),
        ("FOB", {"packing", "loading", "carriage_to_port", "export_clearance", "origin_handling", "loading_on_board"}),
    ],
)
def test_under_the_early_terms_the_seller_has_only_these_stages(term: str, sellers: set[str]) -> None:
    assert {task.stage for task in check(term).tasks if task.payer == "seller"} == sellers


@pytest.mark.parametrize(
    ("more", "less", "stages"),
    [
        ("CFR", "FOB", {"main_carriage"}),
        ("CIF", "CFR", {"insurance"}),
        ("CIP", "CPT", {"insurance"}),
        ("DAP", "CIP", {"destination_handling", "carriage_from_port"}),
        ("DPU", "DAP", {"unloading"}),
        ("DDP", "DAP", {"import_clearance"}),
    ],
)
def test_a_term_adds_these_stages_to_the_one_before(more: str, less: str, stages: set[str]) -> None:
    def sellers(term: str) -> set[str]:
        return {task.stage for task in check(term).tasks if task.payer == "seller"}

    assert sellers(more) - sellers(less) == stages
    assert sellers(less) <= sellers(more)


def test_only_the_ship_terms_are_wrong_for_a_container() -> None:
    better = {term: figure(check(term, transport="container"), "better_term") for term in TERMS}
    assert {term: name for term, name in better.items() if name} == {
        "FAS": "FCA",
        "FOB": "FCA",
        "CFR": "CPT",
        "CIF": "CIP",
    }
    assert figure(check("FOB", transport="sea"), "better_term") is None


def test_only_two_terms_bind_the_seller_to_insure() -> None:
    assert {term for term in TERMS if figure(check(term), "insurer")} == {"CIF", "CIP"}
    assert figure(check("DAP"), "uninsured_by") == "seller"
    assert figure(check("CPT"), "uninsured_by") == "buyer"


@pytest.mark.parametrize(
    ("term", "price"),
    [
        ("EXW", 1000),
        ("FCA", 1038),
        ("FAS", 1053),
        ("FOB", 1065),
        ("CFR", 1205),
        ("CIF", 1211),
        ("DAP", 1268),
        ("DPU", 1273),
    ],
)
def test_the_same_goods_have_the_same_customs_value_under_every_term(term: str, price: int) -> None:
    assert figure(check(term, price, duty_rate="4"), "customs_value") == 1211
    assert figure(check(term, price, duty_rate="4"), "duty") == Decimal("48.44")
    assert figure(check(term, price, duty_rate="4", customs_basis="fob"), "customs_value") == 1065


def test_a_price_with_the_duty_in_it_is_freed_of_it() -> None:
    # DAP price and import clearance, and the duty of 4 % on 1211.
    result = check("DDP", Decimal("1268") + 9 + Decimal("48.44"), duty_rate="4")
    assert figure(result, "customs_value") == 1211
    assert figure(result, "duty_payer") == "seller"
    assert figure(result, "buyer_total") == Decimal("1325.44") + 5


def test_own_stages_without_an_amount_are_counted() -> None:
    result = check("CIP", costs={"import_clearance": 9}, side="buyer")
    assert figure(result, "open_count") == 3
    assert figure(result, "open_stage") == "terminal handling at destination"


def test_without_a_rate_nothing_is_said_of_duty() -> None:
    assert figure(check("FOB"), "duty") is None


def test_a_stage_that_is_given_again_is_refused() -> None:
    with pytest.raises(ToolNeedsMore, match="costs: unloading"):
        call(incoterm_check, term="FOB", price="1", costs=[{"stage": "unloading", "amount": "1"}] * 2)


@pytest.mark.parametrize(("field", "value"), [("term", "DDU"), ("transport", "camel"), ("price", "-1")])
def test_a_bad_field_is_named(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=field):
        call(incoterm_check, **({"term": "FOB", "price": "1"} | {field: value}))


@given(
    st.sampled_from(sorted(TERMS)),
    st.dictionaries(st.sampled_from([stage.key for stage in STAGES]), st.integers(0, 10**6)),
)
def test_buyer_and_seller_together_pay_every_known_cost(term: str, costs: dict[str, int]) -> None:
    result = check(term, costs=costs)
    assert figure(result, "buyer_costs") + figure(result, "seller_costs") == sum(costs.values())
    assert figure(result, "buyer_tasks") + figure(result, "seller_tasks") == len(STAGES)
