"""Pooled connections never carry a tenant from one transaction to the next."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, func, select

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.database import Database
from models import Membership, Notification, User
from tests.models.conftest import TwoTenants, backend_pid

TRANSACTIONS = 200


@pytest.fixture
async def small_pool(world: TwoTenants):
    """The application's own database object over two connections."""
    value = Database(world.app_url, world.signer, pool_size=2)
    yield value
    await value.close()


async def _work(database: Database, tenant_id: UUID, user_id: UUID, turn: int) -> set[UUID]:
    async with database.unit_of_work(Actor.system(tenant_id)) as session:
        seen = set((await session.exec(select(User.tenant_id))).all())
        await asyncio.sleep(0)
        session.add(
            Notification(tenant_id=tenant_id, user_id=user_id, kind="system", title=str(turn), body=str(tenant_id))
        )
        await session.flush()
        await asyncio.sleep(0)
        seen |= set((await session.exec(select(Membership.tenant_id))).all())
        if turn % 5 == 0:
            await session.rollback()  # leaves the context too: what follows reads nothing
            seen |= set((await session.exec(select(User.tenant_id))).all())
        return seen


async def test_interleaved_transactions_of_two_tenants_see_their_own_rows(world: TwoTenants, small_pool: Database):
    tenants = [world.a, world.b]
    turns = [(turn, tenants[turn % 2]) for turn in range(TRANSACTIONS)]
    seen = await asyncio.gather(
        *(_work(small_pool, tenant, world.rows[tenant]["users"]["id"], turn) for turn, tenant in turns)
    )
    assert seen == [{tenant} for _, tenant in turns]
    for tenant in tenants:
        async with small_pool.unit_of_work(Actor.system(tenant)) as session:
            written = (
                await session.exec(
                    select(Notification.body, func.count())
                    .where(col(Notification.kind) == "system")
                    .group_by(col(Notification.body))
                )
            ).all()
        kept = sum(1 for turn, owner in turns if owner == tenant and turn % 5)
        assert [tuple(row) for row in written] == [(str(tenant), kept)]


async def test_a_connection_comes_back_without_a_tenant(world: TwoTenants, small_pool: Database):
    for tenant in (world.a, world.b) * 3:
        async with small_pool.unit_of_work(Actor.system(tenant)) as session:
            assert (await session.exec(select(func.count()).select_from(User))).one() == 1
        async with small_pool.doors() as session:
            assert (await session.exec(select(func.count()).select_from(User))).one() == 0


def test_a_context_that_outlives_its_transaction_would_be_seen(world: TwoTenants):
    """The control of the tests above: with a setting of the session, the next transaction does read the tenant."""
    with world.engine.connect() as connection:
        settings = world.signer.settings("tenant", world.a, backend_pid(connection), utc_now())
        for name, value in settings.items():
            connection.execute(text("SELECT set_config(:name, :value, false)"), {"name": name, "value": value})
        connection.commit()
        assert connection.execute(text("SELECT count(*) FROM users")).scalar_one() == 1
        connection.invalidate()
