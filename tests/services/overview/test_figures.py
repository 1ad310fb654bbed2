"""The home pages' figures are counted from the ledger, in the tenant's time zone, without reversed events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.ids import new_id
from bizosaas_app.services.departures import removing
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.overview import member, tenant
from tests.support.world import World

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def record(world: World, email: str, value: int, at: datetime) -> ledger.NewEvent:
    system = world.system()
    event = ledger.NewEvent(
        event_id=new_id(), type="task.completed", user_id=world.people[email], value=Decimal(value), occurred_at=at
    )
    async with world.resources.database.unit_of_work(system) as session:
        done = await ledger.append(session, system, [event], now=NOW, source="service")
    assert done.accepted == 1
    return event


async def test_a_members_points_are_this_months_against_the_last_ones_and_reversals_do_not_count(world: World) -> None:
    await record(world, "mia@acme.example", 10, NOW)
    await record(world, "mia@acme.example", 5, NOW - timedelta(days=32))
    await record(world, "mia@acme.example", 70, NOW - timedelta(days=25))  # later in the last month than today in this
    await record(world, "noah@acme.example", 99, NOW)
    undone = await record(world, "mia@acme.example", 1000, NOW)
    mia = await world.actor("mia@acme.example")
    async with world.resources.database.unit_of_work(world.system()) as session:
        await ledger.reverse(session, world.system(), undone.event_id, reason="refund", now=NOW)
    async with world.resources.database.unit_of_work(mia) as session:
        figures = await member.count_figures(session, mia, now=NOW)
        activity = await member.list_activity(session, mia)
    assert (figures.points_this_month, figures.points_last_month) == (10, 5)
    assert figures.points_by_day[-1] == 10
    assert len(figures.points_by_day) == member.SPARK_DAYS
    assert [item.value for item in activity] == [10, 70, 5]


async def test_the_newest_members_come_first_and_are_the_tenants_own(world: World) -> None:
    admin = await world.actor("admin@acme.example")
    async with world.resources.database.unit_of_work(admin) as session:
        newest = await tenant.list_newest(session)
    assert [item.email.split("@")[0] for item in newest] == ["olga", "noah", "mia", "admin"]
    async with world.resources.database.unit_of_work(world.system()) as session:
        await removing.remove(session, world.system(), user_id=world.people["noah@acme.example"], now=utc_now())
    async with world.resources.database.unit_of_work(admin) as session:
        newest = await tenant.list_newest(session)
    assert [item.email.split("@")[0] for item in newest] == ["olga", "mia", "admin"]


@pytest.mark.parametrize(
    ("moment", "zone", "back", "expected"),
    [
        ("2026-11-01T03:00:00+00:00", "America/New_York", 0, "2026-10-01T00:00:00-04:00"),
        ("2026-11-01T03:00:00+00:00", "Asia/Kolkata", 0, "2026-11-01T00:00:00+05:30"),
        ("2026-01-15T00:00:00+00:00", "UTC", 1, "2025-12-01T00:00:00+00:00"),
        ("2026-03-31T12:00:00+00:00", "Europe/Berlin", 1, "2026-02-01T00:00:00+01:00"),
    ],
)
def test_months_begin_where_the_tenant_lives(moment: str, zone: str, back: int, expected: str) -> None:
    found = member.month_start(datetime.fromisoformat(moment), zone, back=back)
    assert found == datetime.fromisoformat(expected)
