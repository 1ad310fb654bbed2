"""Units of work: one tenant each, all or nothing, and what follows a commit."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.database import TenantNestingError, after_commit
from bizosaas_app.kernel.errors import NotPermitted, Unavailable
from models import Tenant, User
from tests.support.world import World


async def names(world: World, actor: Actor) -> list[str]:
    async with world.resources.database.unit_of_work(actor) as session:
        return [user.email for user in (await session.exec(select(User).order_by(User.email))).all()]


async def test_each_tenant_sees_its_own_people_only(world: World) -> None:
    assert all(email.endswith("@acme.example") for email in await names(world, world.system("acme-corp")))
    assert all(email.endswith("@globex.example") for email in await names(world, world.system("globex")))


async def test_without_a_tenant_nothing_is_seen(world: World) -> None:
    async with world.resources.database.doors() as session:
        assert (await session.exec(select(User))).all() == []
        assert (await session.exec(select(Tenant))).all() == []


async def test_an_exception_rolls_everything_back_and_runs_nothing_afterwards(world: World) -> None:
    ran: list[str] = []

    async def note() -> None:
        ran.append("after")

    with pytest.raises(RuntimeError):
        async with world.resources.database.unit_of_work(world.system()) as session:
            after_commit(session, note)
            (await session.exec(select(Tenant))).one().name = "Changed"
            await session.flush()
            raise RuntimeError
    async with world.resources.database.unit_of_work(world.system()) as session:
        assert (await session.exec(select(Tenant.name))).one() != "Changed"
    assert ran == []


async def test_what_follows_a_commit_runs_once_it_is_visible_to_others(world: World) -> None:
    seen: list[str] = []

    async def look() -> None:
        async with world.resources.database.unit_of_work(world.system()) as other:
            seen.append((await other.exec(select(Tenant.name))).one())

    async with world.resources.database.unit_of_work(world.system()) as session:
        after_commit(session, look)
        (await session.exec(select(Tenant))).one().name = "Changed"
    assert seen == ["Changed"]


async def test_a_unit_of_another_tenant_inside_is_refused(world: World) -> None:
    async with world.resources.database.unit_of_work(world.system("acme-corp")):
        with pytest.raises(TenantNestingError):
            async with world.resources.database.unit_of_work(world.system("globex")):
                pass


async def test_a_transaction_is_handed_over_whole_and_to_the_platforms_staff_alone(world: World) -> None:
    root, database = await world.actor("root@bizosaas.example"), world.resources.database
    with pytest.raises(RuntimeError):
        async with database.unit_of_work(world.system()) as session:
            (await session.exec(select(Tenant))).one().name = "Changed"
            await database.hand_over(session, root)
            assert (await session.exec(select(Tenant.id))).all() == [root.tenant_id]
            raise RuntimeError
    async with database.unit_of_work(world.system()) as session:
        assert (await session.exec(select(Tenant.name))).one() != "Changed"
        with pytest.raises(NotPermitted):
            await database.hand_over(session, await world.actor("admin@acme.example"))


async def test_injected_sql_cannot_change_the_tenant(world: World) -> None:
    """What a hole in a query would let a stranger run, and what PostgreSQL answers."""
    foreign = world.tenants["globex"]
    async with world.resources.database.unit_of_work(world.system("acme-corp")) as session:
        injected = "x' union select set_config('app.ctx_tenant', '" + str(foreign) + "', true) --"
        await session.execute(text(f"select name from users where name = '{injected}"))  # noqa: S608
        with pytest.raises(Exception, match="not genuine"):
            await session.execute(text("select count(*) from users"))
        await session.rollback()
    assert len(await names(world, world.system("acme-corp"))) == 4


async def test_only_the_platforms_staff_enter_the_platform_scope(world: World) -> None:
    with pytest.raises(NotPermitted):
        async with world.resources.database.platform(await world.actor("admin@acme.example")):
            pass
    async with world.resources.database.platform(await world.actor("root@bizosaas.example")) as session:
        rows = (await session.execute(text("select slug from app.platform_tenants()"))).scalars().all()
        assert sorted(rows) == ["acme-corp", "globex"]
        assert (await session.exec(select(User))).all() == []


async def test_a_server_that_cuts_the_connection_is_told_as_away_and_the_next_one_serves(world: World) -> None:
    with pytest.raises(Unavailable):
        async with world.resources.database.unit_of_work(world.system()) as session:
            await session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    assert await names(world, world.system())


async def test_a_statement_that_takes_too_long_is_a_fault_of_ours(world: World) -> None:
    with pytest.raises(OperationalError):
        async with world.resources.database.unit_of_work(world.system()) as session:
            await session.execute(text("set local statement_timeout = '10ms'"))
            await session.execute(text("select pg_sleep(2)"))
