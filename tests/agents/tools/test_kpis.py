"""The KPI report over a real ledger."""

from __future__ import annotations

from agents.tools.kpis import ledger_kpis
from tests.support.boards import MIA, NOAH, Arena, ago, arena, event
from tests.support.tool_runs import of, rows, run, told

__all__ = ["arena"]

ADMIN = "admin@acme.example"


async def some_weeks(arena: Arena) -> None:
    mia, noah = arena.person(MIA), arena.person(NOAH)
    await arena.append(
        event(mia, 10, occurred_at=ago(days=1)),
        event(mia, 10, occurred_at=ago(days=1)),
        event(noah, 20, type="order.completed", occurred_at=ago(days=3)),
        event(mia, 5, occurred_at=ago(days=8)),
        event(mia, 3, type="lead.won", occurred_at=ago(days=9)),
    )


async def test_a_period_stands_beside_the_one_before(arena: Arena) -> None:
    await some_weeks(arena)
    result = await run(ledger_kpis, of(await arena.world.actor(ADMIN)), days=7)
    found = told(result)
    assert found["scope"] == "the whole company"
    assert (found["events"], found["events_before"], found["events_change"]) == (3, 2, 50)
    assert (found["value"], found["value_change"]) == (40, 400)
    assert (found["active_days"], found["quiet_days"], found["best_day_events"]) == (2, 5, 2)
    assert (found["top_kind"], found["top_kind_share"]) == ("task completed", 66.7)
    assert (found["riser"], found["riser_gain"]) == ("task completed", 1)
    assert (found["faller"], found["faller_loss"]) == ("lead won", 1)
    assert [(row["kind"], row["events"], row["before"]) for row in rows(result, "kinds")] == [
        ("task completed", 2, 1),
        ("order completed", 1, 0),
        ("lead won", 0, 1),
    ]


async def test_a_member_is_told_of_their_own_activity_only(arena: Arena) -> None:
    await some_weeks(arena)
    result = await run(ledger_kpis, of(await arena.world.actor(NOAH)), days=7)
    assert told(result, "scope", "events", "value") == {"scope": "your own activity", "events": 1, "value": 20}


async def test_an_empty_ledger_is_told_as_such(arena: Arena) -> None:
    result = await run(ledger_kpis, of(await arena.world.actor(ADMIN)), days=30)
    found = told(result)
    assert (found["events"], found["events_before"], found["active_days"]) == (0, 0, 0)
    assert found.keys().isdisjoint({"events_change", "best_day", "top_kind", "riser", "faller"})
