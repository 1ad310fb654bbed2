"""The ledger by kind, by member and by cohort, through the gateway's operations."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import update

from bizosaas_app.gateway import insights
from bizosaas_app.gateway.board_views import pseudonym_of
from bizosaas_app.gateway.contracts.insights import ReadDays, ReadMembers
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import NotPermitted
from models import Membership, Tenant
from tests.support.boards import GUS, MIA, NOAH, OLGA, Arena, ago, arena, event

__all__ = ["arena"]

ADMIN = "admin@acme.example"


async def test_events_are_counted_by_day_and_kind_without_what_was_undone(arena: Arena) -> None:
    mia, noah = arena.person(MIA), arena.person(NOAH)
    undone = event(mia, 99, occurred_at=ago(days=1))
    await arena.append(
        event(mia, 5, occurred_at=ago(days=1)),
        event(noah, "2.5", occurred_at=ago(days=1)),
        event(noah, 40, type="order.completed", occurred_at=ago(days=1)),
        event(mia, None, type="achievement.unlocked", occurred_at=ago(days=1), properties={"key": "first"}),
        event(mia, 7, occurred_at=ago(days=20)),
        undone,
    )
    await arena.score(GUS, 1000, occurred_at=ago(days=1))
    await arena.reverse(undone.event_id)
    found = await insights.read_days(await arena.world.actor(ADMIN), ReadDays(days=7))
    assert (found.last - found.first).days == 6
    assert [(row.type, row.events, row.value, row.members) for row in found.rows] == [
        ("order.completed", 1, Decimal(40), 1),
        ("task.completed", 2, Decimal("7.5"), 2),
    ]


async def test_a_day_is_a_day_of_the_tenant(arena: Arena) -> None:
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.exec(update(Tenant).values(timezone="Pacific/Kiritimati"))
    local = ago(days=3).astimezone(ZoneInfo("Pacific/Kiritimati"))
    just_after_midnight = local.replace(hour=0, minute=30)
    await arena.score(MIA, 1, occurred_at=just_after_midnight)
    found = await insights.read_days(await arena.world.actor(ADMIN), ReadDays(days=7))
    assert [row.day for row in found.rows] == [just_after_midnight.date()]
    assert just_after_midnight.astimezone(ZoneInfo("UTC")).date() != just_after_midnight.date()


async def test_a_member_reads_their_own_days_and_nobody_elses(arena: Arena) -> None:
    await arena.score(MIA, 5, occurred_at=ago(days=1))
    await arena.score(NOAH, 9, occurred_at=ago(days=1))
    mia = await arena.world.actor(MIA)
    found = await insights.read_own_days(mia, ReadDays(days=7))
    assert [(row.events, row.value) for row in found.rows] == [(1, Decimal(5))]
    for operation, command in (
        (insights.read_days, ReadDays()),
        (insights.read_members, ReadMembers()),
        (insights.read_cohorts, ReadDays()),
    ):
        with pytest.raises(NotPermitted):
            await operation(mia, command)  # type: ignore[operator]  # each takes its own command


async def test_members_stand_with_what_they_did_and_hidden_ones_under_a_pseudonym(arena: Arena) -> None:
    mia, noah, olga = (arena.person(email) for email in (MIA, NOAH, OLGA))
    async with arena.world.resources.database.unit_of_work(arena.world.system()) as session:
        await session.exec(update(Membership).where(Membership.user_id == noah).values(leaderboard_privacy="hidden"))
        await session.exec(update(Membership).where(Membership.user_id == mia).values(leaderboard_privacy="public"))
    await arena.append(
        event(mia, 10, type="order.completed", occurred_at=ago(days=9)),
        event(mia, 30, type="order.completed", occurred_at=ago(days=1)),
        event(mia, 4, occurred_at=ago(days=1)),
        event(noah, 20, type="order.completed", occurred_at=ago(days=8)),
        event(olga, 3, occurred_at=ago(days=2)),
        event(None, 3, type="order.completed", occurred_at=ago(days=2)),
    )
    actor = await arena.world.actor(ADMIN)
    found = await insights.read_members(actor, ReadMembers(days=10, type="order.completed"))
    assert [(row.events, row.value, row.active_days, row.late_events) for row in found.rows] == [
        (2, Decimal(40), 2, 1),
        (1, Decimal(20), 1, 0),
    ]
    assert (found.last - found.rows[0].last_day).days in (1, 2)
    assert found.rows[1].name == pseudonym_of(actor.tenant_id, noah)
    assert found.rows[0].name != pseudonym_of(actor.tenant_id, mia)
    everybody = await insights.read_members(actor, ReadMembers(days=10))
    assert [row.events for row in everybody.rows] == [3, 1, 1]


async def test_cohorts_are_counted_by_the_week_in_which_activity_began(arena: Arena) -> None:
    monday = (utc_now() - timedelta(days=utc_now().weekday() + 21)).replace(hour=12)
    mia, noah, olga = (arena.person(email) for email in (MIA, NOAH, OLGA))
    await arena.append(
        event(mia, 1, occurred_at=monday),
        event(mia, 1, occurred_at=monday + timedelta(days=1)),
        event(mia, 1, occurred_at=monday + timedelta(days=14)),
        event(noah, 1, occurred_at=monday + timedelta(days=6)),
        event(olga, 1, occurred_at=monday + timedelta(days=7)),
    )
    found = await insights.read_cohorts(await arena.world.actor(ADMIN), ReadDays(days=60))
    assert [(row.cohort, row.age, row.members) for row in found.rows] == [
        (monday.date(), 0, 2),
        (monday.date(), 2, 1),
        (monday.date() + timedelta(days=7), 0, 1),
    ]
