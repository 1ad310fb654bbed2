"""Plan against actual."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.tooling import ToolNeedsMore
from agents.tools.budgets import budget_variance
from tests.support.tool_runs import call, cells, figure


def line(name: str, kind: str, planned: object, actual: object, is_variable: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "planned": str(planned),
        "actual": str(actual),
        "is_variable": is_variable,
    }


def compare(*lines: dict[str, Any], **more: Any) -> Any:
    return call(budget_variance, lines=list(lines), **more)


def test_revenue_above_and_cost_below_plan_are_both_good() -> None:
    result = compare(line("Sales", "revenue", 100, 110), line("Rent", "cost", 50, 45))
    assert figure(result, "ahead_by") == 15
    assert figure(result, "own_gain") == 15
    assert figure(result, "best_line") == "Sales"
    assert figure(result, "worst_line") is None
    assert figure(result, "volume_loss") is None


def test_the_volume_explains_its_part_of_a_variance() -> None:
    result = compare(
        line("Sales", "revenue", 1000, 850, True),
        line("Material", "cost", 400, 380, True),
        line("Rent", "cost", 100, 100),
        planned_volume=100,
        actual_volume=90,
    )
    # At ninety percent of the volume: sales 900, material 360.
    assert figure(result, "volume_loss") == 60
    assert figure(result, "own_loss") == 70
    assert figure(result, "behind_by") == 130
    assert figure(result, "volume_below") == 10
    assert figure(result, "worst_line") == "Sales"
    assert figure(result, "worst_share") == 5.6


def test_a_line_is_off_only_beyond_the_tolerance() -> None:
    lines = [line("A", "cost", 100, 105), line("B", "cost", 100, 106), line("C", "cost", 100, 50)]
    assert figure(compare(*lines, tolerance="5"), "off_count") == 1


def test_a_cost_that_nobody_planned_is_off() -> None:
    result = compare(line("Fine", "cost", 0, 10))
    assert figure(result, "off_count") == 1
    assert figure(result, "worst_share") is None


def test_exactly_on_plan_there_is_neither_gain_nor_loss() -> None:
    result = compare(line("Rent", "cost", 100, 100))
    assert figure(result, "ahead_by") is figure(result, "behind_by") is None


@pytest.mark.parametrize(("given_one", "lacking"), [("planned_volume", "actual"), ("actual_volume", "planned")])
def test_a_volume_alone_is_refused_with_the_one_that_lacks(given_one: str, lacking: str) -> None:
    with pytest.raises(ToolNeedsMore, match=f"{lacking}_volume"):
        compare(line("Rent", "cost", 100, 100), **{given_one: 5})


def test_a_bad_kind_is_named() -> None:
    with pytest.raises(ValidationError, match=r"lines\.0\.kind"):
        compare(line("Rent", "loss", 1, 1))


amounts = st.decimals(0, 10**6, places=2)


@given(
    st.lists(st.tuples(st.sampled_from(["revenue", "cost"]), amounts, amounts, st.booleans()), min_size=1, max_size=12),
    st.integers(1, 1000),
    st.integers(1, 1000),
)
def test_volume_and_own_effect_add_up_to_the_change_of_the_result(
    rows: list[tuple[str, Decimal, Decimal, bool]], planned: int, actual: int
) -> None:
    lines = [line(f"L{number}", *row) for number, row in enumerate(rows)]
    result = compare(*lines, planned_volume=planned, actual_volume=actual)
    effects = sum(cells(result, "lines", "volume")) + sum(cells(result, "lines", "own"))
    assert effects == figure(result, "actual_profit") - figure(result, "planned_profit")
