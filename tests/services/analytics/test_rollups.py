"""Rollups: whatever happens to the ledger, they say what it says."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import update

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.services.analytics import rollups
from bizosaas_app.services.gamification import ledger, rebuild
from models import MemberDay, Tenant
from tests.support.boards import GUS, MIA, NOAH, OLGA, Arena, event

KOLKATA = "Asia/Kolkata"
"""Half past five ahead: neither midnight nor the hour is the server's."""


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc]


async def rows(arena: Arena, query: str, slug: str = "acme-corp") -> list[tuple[Any, ...]]:
    async with arena.world.resources.database.unit_of_work(arena.world.system(slug)) as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def daily(arena: Arena) -> list[tuple[Any, ...]]:
    """Day, platform, events, points, unlocks and sign-ups, the slots added up."""
    return await rows(
        arena,
        "SELECT day, platform, sum(events), sum(points), sum(unlocks), sum(sign_ups) FROM daily_counts"
        " GROUP BY 1, 2 ORDER BY 1, 2",
    )


async def member_days(arena: Arena) -> dict[tuple[date, str, UUID], tuple[int, Decimal, int]]:
    found = await rows(arena, "SELECT day, platform, user_id, events, points, unlocks FROM member_days")
    return {row[:3]: row[3:] for row in found}


async def drift(arena: Arena, slug: str = "acme-corp") -> dict[str, int]:
    actor = arena.world.system(slug)
    async with arena.world.resources.database.unit_of_work(actor) as session:
        return await rollups.count_drift(session, actor)


async def live_in(arena: Arena, timezone: str) -> None:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.exec(update(Tenant).values(timezone=timezone))


async def test_a_fact_counts_on_its_day_in_the_tenants_zone_and_on_the_platform_that_it_names(arena: Arena) -> None:
    await live_in(arena, KOLKATA)
    mia = arena.person(MIA)
    await arena.append(
        event(mia, 5, occurred_at=at(2026, 3, 1, 18, 29, 59)),
        event(mia, "2.5", occurred_at=at(2026, 3, 1, 18, 30), properties={"platform": "coreldove"}),
        event(mia, None, occurred_at=at(2026, 3, 1, 18, 30), properties={"platform": "elsewhere"}),
        event(mia, 1, type="referral.signed_up", occurred_at=at(2026, 3, 2), properties={"platform": 7}),
        event(None, 4, occurred_at=at(2026, 3, 2)),
    )
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert await daily(arena) == [
        (first, "bizosaas", 1, Decimal(5), 0, 0),
        (second, "bizosaas", 3, Decimal(5), 0, 1),
        (second, "coreldove", 1, Decimal("2.5"), 0, 0),
    ]
    assert await member_days(arena) == {
        (first, "bizosaas", mia): (1, Decimal(5), 0),
        (second, "bizosaas", mia): (2, Decimal(1), 0),
        (second, "coreldove", mia): (1, Decimal("2.5"), 0),
    }
    assert await drift(arena) == {"daily_counts": 0, "member_days": 0}


async def test_facts_that_follow_from_others_are_no_activity_and_an_unlock_is_an_unlock(arena: Arena) -> None:
    noah, moment = arena.person(NOAH), at(2026, 3, 1)
    await arena.append(
        event(noah, 100, type="referral.held", occurred_at=moment),
        event(noah, None, type="achievement.unlocked", occurred_at=moment, properties={"key": "first"}),
    )
    assert await member_days(arena) == {(moment.date(), "bizosaas", noah): (0, Decimal(0), 1)}
    assert await daily(arena) == [(moment.date(), "bizosaas", 0, Decimal(0), 1, 0)]
    assert await drift(arena) == {"daily_counts": 0, "member_days": 0}


async def test_a_replay_changes_nothing_and_a_reversal_leaves_nothing_behind(arena: Arena) -> None:
    kept, undone = (event(arena.person(MIA), value, occurred_at=at(2026, 3, 1)) for value in (5, "0.1"))
    await arena.append(kept)
    before = await member_days(arena), await daily(arena)
    await arena.append(undone)
    await arena.append(undone, kept)
    await arena.reverse(undone.event_id)
    await arena.reverse(undone.event_id)
    assert (await member_days(arena), await daily(arena)) == before
    await arena.reverse(kept.event_id)
    assert (await member_days(arena), await daily(arena)) == ({}, [])


async def test_transactions_at_once_miss_nothing_of_each_other(arena: Arena) -> None:
    people = [arena.person(email) for email in (MIA, NOAH, OLGA)]
    shared = [event(person, 1, occurred_at=at(2026, 3, 1)) for person in people]

    async def append(batch: list[ledger.NewEvent]) -> None:
        actor = arena.world.system()
        async with arena.world.resources.database.unit_of_work(actor) as session:
            await ledger.append(session, actor, batch, now=utc_now(), source="api")

    own = [[event(person, 1, occurred_at=at(2026, 3, 1)), event(None, 1)] for person in people * 4]
    await asyncio.gather(*(append([*shared, *batch]) for batch in own))
    assert [row[0] for row in (await member_days(arena)).values()] == [5, 5, 5]
    assert await drift(arena) == {"daily_counts": 0, "member_days": 0}


async def test_a_rebuild_mends_what_was_tampered_with_in_every_tenant_and_the_drift_tells_of_it(arena: Arena) -> None:
    for email, slug in ((MIA, "acme-corp"), (NOAH, "acme-corp"), (GUS, "globex")):
        await arena.append(event(arena.person(email), 5, occurred_at=at(2026, 3, 1)), slug=slug)
    before = await member_days(arena), await daily(arena)
    deleted: dict[str, int] = {}
    for slug in ("acme-corp", "globex"):
        async with arena.world.resources.database.unit_of_work(arena.world.system(slug)) as session:
            await session.exec(update(MemberDay).values(events=7))
            # A day's count lies in slots by member: two members may share one.
            rows = await session.execute(text("DELETE FROM daily_counts RETURNING slot"))
            deleted[slug] = len(rows.all())
    assert 1 <= deleted["acme-corp"] <= 2
    assert await drift(arena) == {"daily_counts": deleted["acme-corp"], "member_days": 4}
    await rebuild.every_tenant()
    assert (await member_days(arena), await daily(arena)) == before
    assert await drift(arena, "globex") == {"daily_counts": 0, "member_days": 0}


@pytest.mark.parametrize("timezone", ["UTC", "America/New_York"])
async def test_after_a_change_of_the_time_zone_a_rebuild_counts_by_the_new_days(arena: Arena, timezone: str) -> None:
    await live_in(arena, KOLKATA)
    await arena.append(event(arena.person(MIA), 5, occurred_at=at(2026, 3, 1, 23)))
    await live_in(arena, timezone)
    actor = arena.world.system()
    async with arena.world.resources.database.unit_of_work(actor) as session:
        await rollups.rebuild(session, actor)
    assert [row[0] for row in await daily(arena)] == [date(2026, 3, 1)]
