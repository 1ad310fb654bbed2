"""Won and lost deals."""

from __future__ import annotations

from typing import Any

import pytest

from agents.tooling import ToolNeedsMore
from agents.tools.outcomes import win_loss
from tests.support.tool_runs import rows, run, told


def deals(segment: str, won: int, lost: int, reason: str = "", amount: str = "100") -> list[dict[str, Any]]:
    return [
        {
            "won": n < won,
            "amount": amount,
            "segment": segment,
            "lost_because": "" if n < won else reason,
            "days_open": 10 + n,
        }
        for n in range(won + lost)
    ]


async def test_rates_totals_and_reasons_are_exact() -> None:
    result = await run(win_loss, deals=[*deals("S", 6, 2, "Price"), *deals("L", 1, 3, "Feature", "1000.50")])
    found = told(result)
    assert (found["won_count"], found["win_rate"], found["deal_count"]) == (7, 58.3, 12)
    assert (found["won_total"], found["lost_total"]) == (1600.50, 3201.50)
    assert found["value_win_rate"] == 33.3
    assert (found["top_reason"], found["top_reason_share"], found["top_reason_total"]) == ("Feature", 60, 3001.50)
    assert (found["won_days"], found["lost_days"]) == (12, 13)
    assert [(row["group"], row["deals"], row["rate"]) for row in rows(result, "groups")] == [("L", 4, 25), ("S", 8, 75)]


async def test_a_gap_is_clear_only_when_it_is_no_chance() -> None:
    clear = told(await run(win_loss, deals=[*deals("S", 12, 1), *deals("L", 1, 12, "Price")]))
    assert (clear["best_group"], clear["worst_group"], clear["difference"]) == ("S", "L", "clear")
    hazy = told(await run(win_loss, deals=[*deals("S", 3, 1), *deals("L", 1, 3, "Price")]))
    assert hazy["difference"] == "not certain"


async def test_many_groups_are_held_to_a_stricter_test() -> None:
    """9 of 12 against 3 of 12 has p = 0.039 by itself; among many pairs that is no finding."""
    pair = [*deals("A", 9, 3), *deals("B", 3, 9, "Price")]
    alone = told(await run(win_loss, deals=pair))
    assert alone["difference"] == "clear"
    crowd = [item for name in "CDEF" for item in deals(name, 6, 6, "Price")]
    assert told(await run(win_loss, deals=[*pair, *crowd]))["difference"] == "not certain"


async def test_tiny_groups_are_not_judged() -> None:
    assert "best_group" not in told(await run(win_loss, deals=[*deals("S", 2, 0), *deals("L", 0, 2, "Price")]))


async def test_nothing_won_and_no_reason_is_sent_back() -> None:
    with pytest.raises(ToolNeedsMore, match="deals: none was won"):
        await run(win_loss, deals=deals("S", 0, 4))
