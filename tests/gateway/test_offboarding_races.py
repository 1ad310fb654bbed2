"""Off-boarding while something else is written in the same moment, and while the vault is away."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from pydantic import SecretStr

from bizosaas_app.gateway import offboarding, platform
from bizosaas_app.gateway.contracts.platform import ChangeTenant, OffboardTenant, ReadPlatform
from bizosaas_app.kernel import resources as kernel_resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.clock import utc_now
from bizosaas_app.kernel.secrets import SecretsUnavailable, Token, VaultSecrets
from bizosaas_app.services.departures import erasing
from bizosaas_app.services.departures import leaving as departures
from bizosaas_app.services.departures.leaving import Leaving, NotSuspended
from bizosaas_app.services.tenants import records
from tests.gateway.test_offboarding import (
    ROOT,
    acts,
    end_grace,
    erase,
    leaving,
    offboard,
    rows_left,
    slug_of,
    superuser,
    suspend,
)
from tests.support.openbao import OpenBao
from tests.support.waiting import blocked
from tests.support.world import World

__all__ = ["leaving", "superuser"]


async def test_a_secret_that_is_written_while_the_rows_go_is_not_left(
    world: World, leaving: UUID, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await offboard(world, leaving)
    end_grace(superuser, leaving)
    whole = erasing.erase_batch

    async def writes(*arguments: Any, **more: Any) -> int:
        await world.resources.secrets.put(f"payments/{leaving}/late/key", "secret")
        return await whole(*arguments, **more)

    monkeypatch.setattr(erasing, "erase_batch", writes)
    await erase(leaving)
    assert not any(str(leaving) in name for name in await world.resources.secrets.names())
    assert (await acts(world, leaving))[-1] == "platform.tenant_erased"


async def test_of_letting_in_and_off_boarding_in_the_same_moment_one_is_refused(
    world: World, leaving: UUID, superuser: psycopg.Connection
) -> None:
    root, system = await world.actor(ROOT), Actor.system(leaving)
    command = OffboardTenant(tenant_id=leaving, confirm=await slug_of(world, leaving))
    async with world.resources.database.unit_of_work(system) as session:
        await departures.refuse_if_leaving(session)
        await records.change_status(session, system, status="active", now=utc_now())
        await session.flush()
        begun = asyncio.create_task(offboarding.offboard_tenant(root, command))
        await blocked(superuser, begun)
    with pytest.raises(NotSuspended):
        await begun
    assert (await offboarding.list_departures(root, ReadPlatform())).items == []
    await suspend(world, leaving)
    async with world.resources.database.platform(root) as session:
        await departures.begin(session, root, leaving, grace=timedelta(days=30), now=utc_now())
        opened = asyncio.create_task(platform.change_tenant(root, ChangeTenant(tenant_id=leaving, status="active")))
        await blocked(superuser, opened)
    with pytest.raises(Leaving):
        await opened
    assert (await platform.read_line(root, leaving)).status == "suspended"


async def test_while_the_vault_is_away_nothing_is_deleted_and_nobody_is_gone(
    world: World, leaving: UUID, superuser: psycopg.Connection
) -> None:
    bao = await asyncio.to_thread(OpenBao)
    bao.write(f"test/payments/{leaving}/account/key", "secret")
    bao.write("test/pepper/refresh", "known to this process")
    waited = 0.0  # seconds that nobody waits here: a Vault that was away is left alone for some
    vault = VaultSecrets(
        bao.addr, "secret", "test", Token(SecretStr(bao.root.token)), now=lambda: time.monotonic() + waited
    )
    kernel_resources.install(replace(world.resources, secrets=vault))
    try:
        await vault.get("pepper/refresh")
        await offboard(world, leaving)
        end_grace(superuser, leaving)
        held = rows_left(superuser, leaving)
        await asyncio.to_thread(bao.stop)
        with pytest.raises(SecretsUnavailable):
            await erase(leaving)
        assert rows_left(superuser, leaving) == held
        assert (await acts(world, leaving))[-1] == "platform.tenant_offboarded"
        await asyncio.to_thread(bao.start)
        waited = 60
        await erase(leaving)
        assert await vault.names() == ["pepper/refresh"]
        assert rows_left(superuser, leaving) == {}
        assert (await acts(world, leaving))[-1] == "platform.tenant_erased"
    finally:
        await vault.close()
        await asyncio.to_thread(bao.close)
