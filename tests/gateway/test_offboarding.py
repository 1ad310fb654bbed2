"""A customer that leaves: a time of grace, and then nothing of it is left and nobody else is touched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bizosaas_app.gateway import offboarding, offboarding_rounds, platform
from bizosaas_app.gateway.contracts.platform import (
    CancelOffboarding,
    ChangeTenant,
    ListTenants,
    OffboardTenant,
    ReadPlatform,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.backups import counting
from bizosaas_app.kernel.cache import Cache
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.errors import InputInvalid, NotFound, NotPermitted
from bizosaas_app.services.accounts import directory
from bizosaas_app.services.departures import erasing
from bizosaas_app.services.departures.leaving import Leaving, NotSuspended, TooLate
from bizosaas_app.services.jobs import queue
from models import AuditEntry, metadata, rls
from models.base import is_view
from tests.models.rows import make_rows
from tests.support.engines import TestEngines
from tests.support.world import World

ROOT, ADMIN, MIA = "root@bizosaas.example", "admin@acme.example", "mia@acme.example"

Call = Callable[[], Awaitable[Any]]


@pytest.fixture
def superuser(engines: TestEngines, database_name: str) -> Any:
    with psycopg.connect(engines.superuser_url(database_name).replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def rows_left(connection: psycopg.Connection, tenant_id: UUID) -> dict[str, int]:
    """Count what a tenant has in each table, those of the private schema and the queue too; only what there is."""
    found = {}
    for table in metadata.sorted_tables:
        if is_view(table) or table.name in rls.GLOBAL_TABLES | {"context_keys", "departures"}:
            continue
        column = "id" if table.name == "tenants" else "tenant_id"
        name = sql.Identifier(*((table.schema, table.name) if table.schema else (table.name,)))
        query = sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(name, sql.Identifier(column))
        row = connection.execute(query, (tenant_id,)).fetchone()
        found[table.fullname] = row[0] if row else 0
    jobs = "SELECT count(*) FROM jobs.procrastinate_jobs WHERE args ->> 'tenant_id' = %s"
    row = connection.execute(jobs, (str(tenant_id),)).fetchone()
    found["jobs"] = row[0] if row else 0
    return {name: number for name, number in found.items() if number}


async def fill(world: World, tenant_id: UUID, number: int) -> None:
    """Make a tenant with a row in every table, keys, secrets and a job."""
    actor = Actor.system(tenant_id)
    async with world.resources.database.unit_of_work(actor) as session:
        rows = make_rows(tenant_id, number)
        rows["tenants"]["kind"] = "customer"
        for name, row in rows.items():
            await session.execute(metadata.tables[name].insert(), row)
        user = rows["users"]
        await directory.claim_login(session, tenant_id=tenant_id, user_id=user["id"], email=user["email"])
        await queue.enqueue(session, actor, "anything")
    await world.resources.cache.client.set(Cache.key(tenant_id, "board", "points"), "1")
    for name in (f"payments/{tenant_id}/account/key", f"webhooks/{tenant_id}"):
        await world.resources.secrets.put(name, "secret")


async def suspend(world: World, tenant_id: UUID) -> None:
    await platform.change_tenant(
        await world.actor(ROOT),
        ChangeTenant(tenant_id=tenant_id, status="suspended", confirm=await slug_of(world, tenant_id)),
    )


async def slug_of(world: World, tenant_id: UUID) -> str:
    return (await platform.find_line(await world.actor(ROOT), tenant_id)).slug


@pytest.fixture
async def leaving(world: World) -> UUID:
    """A suspended tenant with a row in every table."""
    tenant_id = uuid4()
    await fill(world, tenant_id, 1)
    await suspend(world, tenant_id)
    return tenant_id


def end_grace(connection: psycopg.Connection, tenant_id: UUID) -> None:
    connection.execute("UPDATE app.departures SET erase_after = now() WHERE tenant_id = %s", (tenant_id,))


async def offboard(world: World, tenant_id: UUID) -> None:
    command = OffboardTenant(tenant_id=tenant_id, confirm=await slug_of(world, tenant_id))
    await offboarding.offboard_tenant(await world.actor(ROOT), command)


async def erase(tenant_id: UUID) -> None:
    await offboarding_rounds.erase(Actor.system(tenant_id), utc_now())


async def due(world: World) -> list[UUID]:
    async with world.resources.database.doors() as session:
        return await erasing.list_due(session)


async def acts(world: World, tenant_id: UUID) -> list[str]:
    """What stands of a tenant in the operator's audit log."""
    async with world.resources.database.unit_of_work(world.system("bizosaas")) as session:
        found = await session.exec(
            select(AuditEntry.action).where(AuditEntry.subject == f"tenant:{tenant_id}").order_by(AuditEntry.at)
        )
        return [act for act in found.all() if act != "tenants.created"]


async def test_nothing_of_a_tenant_that_left_is_left_and_the_others_are_untouched(
    world: World, leaving: UUID, superuser: psycopg.Connection
) -> None:
    neighbour = uuid4()
    await fill(world, neighbour, 2)
    await offboard(world, leaving)
    held = rows_left(superuser, leaving)
    assert held.keys() >= {table.name for table in rls.tenant_tables(metadata)} | {"app.login_names", "jobs"}
    assert await due(world) == []  # the time of grace goes on
    await erase(leaving)
    assert rows_left(superuser, leaving) == held
    others = [neighbour, world.tenants["acme-corp"], world.tenants["globex"]]
    before = [rows_left(superuser, tenant) for tenant in others]

    end_grace(superuser, leaving)
    assert await due(world) == [leaving]
    await erase(leaving)

    assert rows_left(superuser, leaving) == {}
    assert [rows_left(superuser, tenant) for tenant in others] == before
    assert await due(world) == []
    keys = [key async for key in world.resources.cache.client.scan_iter(match="*")]
    assert not any(str(leaving) in key for key in keys)
    assert Cache.key(neighbour, "board", "points") in keys
    names = await world.resources.secrets.names()
    assert not any(str(leaving) in name for name in names)
    assert f"webhooks/{neighbour}" in names
    assert (await acts(world, leaving))[-2:] == ["platform.tenant_offboarded", "platform.tenant_erased"]
    (gone, *_) = (await offboarding.list_departures(await world.actor(ROOT), ReadPlatform())).items
    assert (gone.tenant_id, gone.state) == (leaving, "gone")
    assert gone.rows_erased >= sum(number for name, number in held.items() if "." not in name and name != "jobs")
    with pytest.raises(NotFound):
        await platform.find_line(await world.actor(ROOT), leaving)


async def test_a_neighbours_ledger_reads_the_same_after_somebody_left(
    world: World, leaving: UUID, superuser: psycopg.Connection
) -> None:
    await fill(world, uuid4(), 2)
    await offboard(world, leaving)
    end_grace(superuser, leaving)
    with superuser.transaction(force_rollback=True):
        superuser.execute("SET LOCAL session_replication_role = replica")
        superuser.execute("DELETE FROM gamification_events WHERE tenant_id = %s", (leaving,))
        expected = counting.count(superuser).checksum
    await erase(leaving)
    with superuser.transaction():
        assert counting.count(superuser).checksum == expected


async def test_whoever_was_killed_in_between_is_followed_by_one_who_goes_on(
    world: World, leaving: UUID, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await offboard(world, leaving)
    end_grace(superuser, leaving)
    whole = erasing.erase_batch
    left = [7]

    async def dies(*arguments: Any, **more: Any) -> int:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return await whole(*arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "erase_batch", dies)
        with pytest.raises(KeyboardInterrupt):
            await erase(leaving)
    assert rows_left(superuser, leaving)
    assert await due(world) == [leaving]
    with pytest.raises(TooLate):
        await offboarding.cancel_offboarding(await world.actor(ROOT), CancelOffboarding(tenant_id=leaving))
    await erase(leaving)
    await erase(leaving)
    assert rows_left(superuser, leaving) == {}
    assert (await acts(world, leaving)).count("platform.tenant_erased") == 1


async def test_it_can_be_cancelled_and_is_not_let_in_again_before(
    world: World, leaving: UUID, superuser: psycopg.Connection
) -> None:
    root = await world.actor(ROOT)
    held = rows_left(superuser, leaving)
    await offboard(world, leaving)
    line = next(line for line in (await platform.list_tenants(root, ListTenants())).items if line.id == leaving)
    assert line.departure is not None
    assert line.departure.state == "waiting"
    assert (line.departure.erase_after - line.departure.asked_at).days == 30
    with pytest.raises(Leaving):
        await platform.change_tenant(root, ChangeTenant(tenant_id=leaving, status="active"))
    with pytest.raises(Leaving):
        await offboard(world, leaving)
    cancelled = await offboarding.cancel_offboarding(root, CancelOffboarding(tenant_id=leaving))
    assert cancelled.departure is None
    end_grace(superuser, leaving)
    await erase(leaving)
    assert rows_left(superuser, leaving) == held
    with pytest.raises(TooLate):
        await offboarding.cancel_offboarding(root, CancelOffboarding(tenant_id=leaving))
    assert (await platform.change_tenant(root, ChangeTenant(tenant_id=leaving, status="active"))).status == "active"
    assert (await acts(world, leaving))[-2:] == ["platform.offboarding_cancelled", "platform.tenant_reopened"]


async def test_it_asks_for_the_short_name_and_for_a_suspended_tenant(world: World, leaving: UUID) -> None:
    root = await world.actor(ROOT)
    with pytest.raises(InputInvalid) as refused:
        await offboarding.offboard_tenant(root, OffboardTenant(tenant_id=leaving, confirm="another"))
    assert "confirm" in refused.value.fields
    acme = world.tenants["acme-corp"]
    with pytest.raises(NotSuspended):
        await offboarding.offboard_tenant(root, OffboardTenant(tenant_id=acme, confirm="acme-corp"))
    operator = world.tenants["bizosaas"]
    for unknown in (uuid4(), operator):
        with pytest.raises(NotFound):
            await offboarding.offboard_tenant(root, OffboardTenant(tenant_id=unknown, confirm="bizosaas"))


async def test_nobody_but_the_platforms_administrator_may_call_any_of_it(world: World, leaving: UUID) -> None:
    for email in (ADMIN, MIA):
        actor = await world.actor(email)
        for operation, command in (
            (offboarding.list_departures, ReadPlatform()),
            (offboarding.offboard_tenant, OffboardTenant(tenant_id=leaving)),
            (offboarding.cancel_offboarding, CancelOffboarding(tenant_id=leaving)),
        ):
            with pytest.raises(NotPermitted):
                await operation(actor, command)  # type: ignore[operator]


async def test_the_database_itself_refuses_to_erase_a_tenant_that_does_not_leave(
    world: World, leaving: UUID, superuser: psycopg.Connection
) -> None:
    await offboard(world, leaving)
    for tenant_id in (leaving, world.tenants["acme-corp"]):  # in its time of grace; not off-boarded at all
        with pytest.raises(DBAPIError, match="only a tenant that leaves"):
            async with world.resources.database.unit_of_work(Actor.system(tenant_id)) as session:
                await session.execute(text("SELECT app.erase_rows('gamification_events', 10)"))
    with pytest.raises(DBAPIError, match="platform context"):
        async with world.resources.database.unit_of_work(world.system()) as session:
            await session.execute(
                text("SELECT app.begin_departure(:t, :t, NULL, now())"), {"t": world.tenants["acme-corp"]}
            )


def test_every_table_where_the_application_may_not_delete_is_erased_by_the_door() -> None:
    guarded = {table.name for table in rls.tenant_tables(metadata) if "DELETE" not in rls.privileges_of(table.name)}
    assert guarded == set(rls.ERASED_BY_DOOR)
    assert {table.name for table in erasing.tables()} == {table.name for table in rls.tenant_tables(metadata)}
