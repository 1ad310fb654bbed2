"""Territories and the moves that even them out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.tooling import ToolNeedsMore
from agents.tools.territories import territory_balance
from tests.support.tool_runs import rows, run, told


def account(name: str, owner: str, potential: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "owner": owner, "potential": str(potential), **more}


async def test_the_best_single_move_is_found() -> None:
    accounts = [account("A", "N", 60), account("B", "N", 30), account("C", "N", 10), account("D", "S", 40)]
    result = await run(territory_balance, accounts=accounts, tolerance_percent=10)
    # Books 100 and 40, mean 70: moving 30 makes them even.
    assert result.moves == {"B": "S"}  # type: ignore[attr-defined]
    found = told(result)
    assert (found["mean"], found["largest_excess"], found["outcome"]) == (70, 43, "even after the moves")
    assert (found["spread"], found["spread_after"]) == (42.9, 0)  # 30 / 70


async def test_an_exchange_is_found_where_no_move_helps() -> None:
    accounts = [account("A", "N", 80), account("B", "N", 30), account("C", "S", 60), account("D", "S", 10)]
    result = await run(territory_balance, accounts=accounts, tolerance_percent=5)
    assert result.moves == {"A": "S", "C": "N"}  # type: ignore[attr-defined]
    assert told(result)["spread_after"] == 0


async def test_even_books_and_fixed_accounts_are_left_alone() -> None:
    even = await run(territory_balance, accounts=[account("A", "N", 50), account("B", "S", 52)])
    assert (told(even)["outcome"], told(even)["move_count"]) == ("even already", 0)
    fixed = await run(
        territory_balance, accounts=[account("A", "N", 50, fixed=True), account("B", "N", 5, fixed=True)], owners=["S"]
    )
    assert (told(fixed)["outcome"], told(fixed)["move_count"]) == ("still uneven", 0)


async def test_a_single_owner_is_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="accounts: they have a single owner"):
        await run(territory_balance, accounts=[account("A", "N", 50)])


accounts_of = st.builds(
    account,
    st.uuids().map(str),
    st.sampled_from(["N", "S", "E"]),
    st.integers(0, 1000),
    fixed=st.booleans(),
    region=st.sampled_from(["north", "south"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(accounts_of, min_size=1, max_size=20))
async def test_moves_lower_the_spread_keep_the_sum_and_spare_what_is_fixed(accounts: list[dict[str, Any]]) -> None:
    result = await run(territory_balance, accounts=accounts, owners=["N", "S", "E"])
    found, books = told(result), rows(result, "books")
    assert found["spread_after"] <= found["spread"]
    assert sum(float(str(row["after"])) for row in books) == found["total"]
    fixed = {item["name"] for item in accounts if item["fixed"]}
    assert fixed.isdisjoint(result.moves)  # type: ignore[attr-defined]
    after = {row["owner"]: float(str(row["after"])) for row in books}
    moved = result.moves  # type: ignore[attr-defined]
    for owner, total in after.items():
        held = [item for item in accounts if moved.get(item["name"], item["owner"]) == owner]
        assert total == sum(float(item["potential"]) for item in held)
