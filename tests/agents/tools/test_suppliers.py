"""Weighted scores of suppliers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.suppliers import supplier_scores
from tests.support.tool_runs import call, figure

PRICE = {"name": "price", "weight": 3, "better": "lower"}
QUALITY = {"name": "quality", "weight": 1}


def rank(criteria: list[dict[str, Any]], **suppliers: dict[str, float]) -> Any:
    rows = [{"supplier": name, "values": values} for name, values in suppliers.items()]
    return call(supplier_scores, criteria=criteria, suppliers=rows)


def test_values_are_normalised_turned_and_weighted() -> None:
    result = rank(
        [PRICE, QUALITY],
        Cheap={"price": 10, "quality": 5},
        Middle={"price": 15, "quality": 9},
        Dear={"price": 20, "quality": 10},
    )
    # Price 100, 50, 0 with weight 3; quality 0, 80, 100 with weight 1.
    assert [(item.supplier, item.score) for item in result.ranking] == [
        ("Cheap", 75.0),
        ("Middle", pytest.approx(57.5)),
        ("Dear", 25.0),
    ]
    assert figure(result, "lead") == 17.5
    assert figure(result, "best_weakness") == "quality"


def test_the_criterion_on_which_the_choice_hangs_is_found() -> None:
    result = rank([PRICE, QUALITY], A={"price": 1, "quality": 0}, B={"price": 2, "quality": 9})
    assert figure(result, "best_supplier") == "A"
    assert figure(result, "swaying_criterion") == "price"
    assert figure(result, "sway_winner") == "B"


def test_a_supplier_that_is_best_in_all_wins_whatever_is_left_out() -> None:
    result = rank([PRICE, QUALITY], A={"price": 1, "quality": 9}, B={"price": 2, "quality": 0})
    assert figure(result, "best_score") == 100
    assert figure(result, "swaying_criterion") is None


def test_a_criterion_that_is_equal_for_all_favours_nobody() -> None:
    result = rank([PRICE, QUALITY], A={"price": 1, "quality": 5}, B={"price": 1, "quality": 5})
    assert figure(result, "lead") == 0


def test_a_value_that_lacks_is_named_with_its_supplier() -> None:
    with pytest.raises(ToolNeedsMore, match="B has no value for quality"):
        rank([PRICE, QUALITY], A={"price": 1, "quality": 5}, B={"price": 1})


def test_a_criterion_that_is_given_again_is_refused() -> None:
    with pytest.raises(ToolNeedsMore, match="criteria"):
        rank([PRICE, PRICE], A={"price": 1}, B={"price": 2})


@pytest.mark.parametrize(("field", "value"), [("weight", 0), ("better", "more"), ("name", "")])
def test_a_bad_field_is_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=rf"criteria\.0\.{field}"):
        rank([PRICE | {field: value}], A={"price": 1}, B={"price": 2})


values = st.integers(-1000, 1000)


@given(st.lists(st.tuples(values, values), min_size=2, max_size=8), st.integers(1, 50), st.integers(-500, 500))
def test_scale_and_origin_of_a_criterion_change_no_score(rows: list[tuple[int, int]], factor: int, shift: int) -> None:
    plain = rank([PRICE, QUALITY], **{f"S{n}": {"price": a, "quality": b} for n, (a, b) in enumerate(rows)})
    moved = rank(
        [PRICE, QUALITY],
        **{f"S{n}": {"price": a * factor + shift, "quality": b} for n, (a, b) in enumerate(rows)},
    )
    scores = {item.supplier: item.score for item in plain.ranking}
    assert {item.supplier: item.score for item in moved.ranking} == pytest.approx(scores)
    assert all(-1e-9 <= score <= 100 + 1e-9 for score in scores.values())
