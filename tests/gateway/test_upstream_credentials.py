"""What an upstream knows us by, while the store of secrets is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest

from bizosaas_app.gateway.upstreams import credentials
from bizosaas_app.gateway.upstreams.credentials import Credentials
from bizosaas_app.kernel.secrets import SecretsUnavailable, VaultSecrets
from tests.support.openbao import OpenBao

OWN, SHARED, NEW = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture(scope="module")
def vault() -> Iterator[OpenBao]:
    value = OpenBao()
    yield value
    value.close()


@pytest.fixture
async def store(vault: OpenBao) -> AsyncIterator[VaultSecrets]:
    await asyncio.to_thread(vault.unseal)
    _, auth = vault.app_role("bizosaas")
    value = VaultSecrets(vault.addr, "secret", "bizosaas", auth)
    await value.start()
    yield value
    await value.close()


async def test_while_vault_is_sealed_every_tenant_that_was_served_goes_on(
    vault: OpenBao, store: VaultSecrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Credentials("crm", store)
    await store.put("crm/token", "shared")
    await store.put(f"crm/{OWN}/token", "own")
    expected = {OWN: "Bearer own", SHARED: "Bearer shared"}
    assert {tenant: await known.header_for(tenant) for tenant in expected} == expected
    without = Credentials("cms", store)
    assert await without.header_for(SHARED) is None
    with monkeypatch.context() as patch:
        await asyncio.to_thread(vault.root.sys.seal)
        patch.setattr(credentials, "KEPT_SECONDS", 0.0)
        for _ in range(2):
            assert {tenant: await known.header_for(tenant) for tenant in expected} == expected
            assert await without.header_for(SHARED) is None
        # Whose token this is cannot be known: it may have one of its own, and the one for all is not it.
        with pytest.raises(SecretsUnavailable):
            await known.header_for(NEW)
        await asyncio.to_thread(vault.unseal)
        await store.put("crm/token", "another")
        assert await known.header_for(SHARED) == "Bearer another"
        assert await known.header_for(NEW) == "Bearer another"


async def test_while_vault_is_sealed_it_is_asked_again_only_after_a_while(vault: OpenBao, store: VaultSecrets) -> None:
    known = Credentials("shop", store)
    await store.put("shop/token", "shared")
    known._kept[SHARED] = (float("-inf"), "Bearer shared")
    await asyncio.to_thread(vault.root.sys.seal)
    assert await known.header_for(SHARED) == "Bearer shared"
    await asyncio.to_thread(vault.unseal)
    await store.put("shop/token", "another")
    assert await known.header_for(SHARED) == "Bearer shared", "within its time it is not asked for"


async def test_who_calls_while_vault_is_asked_does_not_wait_for_it(store: VaultSecrets) -> None:
    known = Credentials("cms", store)
    await store.put("cms/token", "new")
    known._kept[SHARED] = (float("-inf"), "Bearer old")
    assert await asyncio.gather(*(known.header_for(SHARED) for _ in range(3))) == [
        "Bearer new",
        "Bearer old",
        "Bearer old",
    ]


async def test_who_leaves_while_vault_is_asked_leaves_the_question_to_the_next(store: VaultSecrets) -> None:
    known = Credentials("cms", store)
    await store.put("cms/token", "new")
    known._kept[SHARED] = (float("-inf"), "Bearer old")
    asking = asyncio.create_task(known.header_for(SHARED))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await known.header_for(SHARED) == "Bearer new"
