"""Everything derived for achievements can be dropped and derived again, to identical values."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

from sqlalchemy import text

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.gamification.achievements import defaults
from tests.support.awards import Hall, count
from tests.support.boards import MIA, NOAH, OLGA, ago, event

TYPES = (
    "task.completed",
    "social.posted",
    "order.completed",
    "referral.approved",
    "referral.held",
    "campaign.launched",
)
PEOPLE = (MIA, NOAH, OLGA)


async def _define(hall: Hall) -> None:
    actor = hall.arena.world.system()
    async with hall.arena.world.resources.database.unit_of_work(actor) as session:
        await defaults.ensure(session, actor, now=utc_now())
    await hall.define("sum", {"event": "*", "aggregate": "sum", "field": "value", "threshold": 40})
    await hall.define("max", {"event": "order.completed", "aggregate": "max", "field": "value", "threshold": 18})
    await hall.define("streak", {"event": "*", "aggregate": "streak", "threshold": 3, "window": "month"})
    await hall.define("capped", count("social.posted", 6), limits={"max_per_day": 2})
    await hall.define("daily", count("*", 2), repeats="day", preconditions=["sum"])
    await hall.define("undone", count("review.received", 1))
    await hall.define("trusting", count("task.completed", 4), limits={"requires_verified": False})


def _event(hall: Hall, rng: random.Random) -> Any:
    return event(
        hall.arena.person(rng.choice(PEOPLE)),
        rng.randint(-2, 20),
        type=rng.choice(TYPES),
        properties={"self_reported": True} if rng.random() < 0.2 else {},
        occurred_at=ago(minutes=rng.randrange(20 * 24 * 60)),
    )


async def _act(hall: Hall, rng: random.Random) -> list[UUID]:
    """Append in batches of all sizes, replay, and undo some of it; one undoing takes an unlock back at any hour."""
    known: list[Any] = [event(hall.arena.person(OLGA), 1, type="review.received", occurred_at=ago(minutes=90))]
    await hall.arena.append(*known)
    await hall.arena.reverse(known[0].event_id)
    while len(known) < 120:
        batch = [_event(hall, rng) for _ in range(rng.choice((1, 1, 3, 20)))]
        known += batch
        await hall.arena.append(*batch, *rng.sample(known, min(2, len(known))))
        if rng.random() < 0.4:
            await hall.arena.reverse(rng.choice(known).event_id)
    return [item.event_id for item in known]


async def test_a_rebuild_changes_nothing_in_what_was_derived_event_by_event(hall: Hall) -> None:
    await _define(hall)
    await _act(hall, random.Random(7))
    before = await hall.everything()
    statuses = {row[3] for row in before["standing"]}
    assert {"unlocked", "revoked", "provisional"} <= statuses
    await hall.rebuild()
    assert await hall.everything() == before


async def test_a_rebuild_mends_what_was_lost_or_tampered_with(hall: Hall) -> None:
    await _define(hall)
    await _act(hall, random.Random(11))
    before = await hall.everything()
    async with hall.arena.world.resources.database.unit_of_work(hall.arena.world.system()) as session:
        await session.execute(text("DELETE FROM counter_members"))
        await session.execute(text("UPDATE achievement_counters SET value = 999, pending = 999"))
        await session.execute(text("DELETE FROM tenant_achievements WHERE status = 'unlocked'"))
    await hall.rebuild()
    assert await hall.everything() == before


async def test_definitions_that_come_last_give_what_definitions_that_came_first_gave(hall: Hall) -> None:
    """Retroactive awards are the awards that would have been made at once."""
    early = {name: count("task.completed", 3, window=window) for name, window in (("all", "all"), ("day", "day"))}
    for name, trigger in early.items():
        await hall.define(f"early-{name}", trigger)
    await _act(hall, random.Random(3))
    for name, trigger in early.items():
        await hall.define(f"late-{name}", trigger)
    for email in PEOPLE:
        for name in early:
            first, second = [await hall.item(email, f"{when}-{name}") for when in ("early", "late")]
            assert (first.state, first.progress) == (second.state, second.progress)
