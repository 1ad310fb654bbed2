"""RFM segments over given orders and over the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from agents.tools.rfm import SEGMENTS, rfm_segments
from bizosaas_app.kernel.errors import NotPermitted
from tests.support.boards import MIA, NOAH, OLGA, Arena, ago, arena, event
from tests.support.tool_runs import of, rows, run, told

__all__ = ["arena"]


def orders(customer: str, number: int, amount: str, last: str) -> list[dict[str, Any]]:
    early = [{"customer": customer, "ordered_on": "2026-01-05", "amount": amount}] * (number - 1)
    return [*early, {"customer": customer, "ordered_on": last, "amount": amount}]


FIVE = [
    *orders("Best", 9, "100", "2026-05-30"),
    *orders("Good", 7, "80", "2026-02-01"),
    *orders("Middle", 4, "50", "2026-04-01"),
    *orders("Fresh", 1, "20", "2026-05-31"),
    *orders("Lost", 2, "10", "2026-01-06"),
]


def test_the_segments_cover_each_pair_of_fifths_exactly_once() -> None:
    for recency in range(1, 6):
        for worth in range(1, 6):
            fitting = [s.name for s in SEGMENTS if recency in s.recency and worth in s.worth]
            assert len(fitting) == 1, (recency, worth)


async def test_five_customers_take_a_fifth_each() -> None:
    result = await run(rfm_segments, orders=FIVE)
    # Recency fifths 4, 2, 3, 5, 1; orders 5, 4, 3, 1, 2; value 5, 4, 3, 2, 1; worth is their mean, rounded up.
    assert {row["name"]: row["segment"] for row in rows(result, "customers")} == {
        "Best": "Champions",
        "Good": "At risk",
        "Middle": "Needing attention",
        "Fresh": "Promising",
        "Lost": "Hibernating",
    }
    found = told(result)
    # Values 900, 560, 200, 20, 20 of 1,700.
    assert (found["champions_value_share"], found["at_risk_value_share"]) == (52.9, 32.9)
    assert (found["risk_customer"], found["risk_silent"], found["single_order_share"]) == ("Good", 119, 20)


async def test_equal_customers_are_treated_equally() -> None:
    same = [item for name in "ABCDEF" for item in orders(name, 2, "10", "2026-05-01")]
    result = await run(rfm_segments, orders=same)
    assert {row["segment"] for row in rows(result, "customers")} == {"Needing attention"}


async def test_the_ledgers_orders_are_read_for_who_may_see_them(arena: Arena) -> None:
    mia, noah, olga = (arena.person(email) for email in (MIA, NOAH, OLGA))
    admin = await arena.world.actor("admin@acme.example")
    assert admin.user_id is not None
    kind = "order.completed"
    await arena.append(
        *(event(mia, 50, type=kind, occurred_at=ago(days=n)) for n in (1, 5, 9)),
        event(noah, 20, type=kind, occurred_at=ago(days=30)),
        event(olga, 20, type=kind, occurred_at=ago(days=3)),
        event(admin.user_id, 20, type=kind, occurred_at=ago(days=3)),
        event(olga, 500, occurred_at=ago(days=3)),
    )
    # The cast has four people: too few for fifths, and counted all the same.
    result = await run(rfm_segments, of(admin))
    assert told(result) == {"customers": 4, "orders": 6, "needed": 5}
    assert result.parts == {}
    with pytest.raises(NotPermitted):
        await run(rfm_segments, of(await arena.world.actor(MIA)))
