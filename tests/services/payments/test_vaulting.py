"""What is no longer used is gone from the store of secrets, in every version that it ever had."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from bizosaas_app.kernel.ids import new_id
from bizosaas_app.kernel.secrets import VaultSecrets
from bizosaas_app.services.payments import vaulting
from bizosaas_app.services.payments.providers.port import Endpoint
from bizosaas_app.services.social import accounts as social_accounts
from models import PaymentAccount
from tests.support.openbao import OpenBao

TENANT, DRAFT = new_id(), new_id()


@pytest.fixture(scope="module")
def bao() -> Iterator[OpenBao]:
    server = OpenBao()
    yield server
    server.close()


@pytest.fixture
async def store(bao: OpenBao) -> AsyncIterator[VaultSecrets]:
    _, auth = bao.app_role("bizosaas")
    vault = VaultSecrets(bao.addr, "secret", "bizosaas", auth)
    await vault.start()
    yield vault
    await vault.close()


@pytest.fixture
def account() -> PaymentAccount:
    return PaymentAccount(tenant_id=TENANT, id=new_id(), credentials_id=new_id(), round=1)


async def versions(bao: OpenBao, store: VaultSecrets) -> list[str]:
    """Give every text that is still to be had of the store's secrets by whoever may read them, old ones too."""

    def read() -> list[str]:
        found = []
        for name in names:
            path = f"bizosaas/{name}"
            known = bao.root.secrets.kv.v2.read_secret_metadata(path, mount_point="secret")["data"]["versions"]
            for number in known:
                answer = bao.root.secrets.kv.v2.read_secret_version(
                    path, version=int(number), mount_point="secret", raise_on_deleted_version=True
                )
                found.append(answer["data"]["data"]["value"])
        return found

    names = await store.names()
    return await asyncio.to_thread(read)


async def test_what_was_typed_is_gone_in_every_version(bao: OpenBao, store: VaultSecrets) -> None:
    await vaulting.keep_typed(store, TENANT, DRAFT, "secret_key", "sk_first")
    await vaulting.keep_typed(store, TENANT, DRAFT, "secret_key", "sk_second")
    assert await versions(bao, store) == ["sk_second"]
    for text in ("wh_first", "wh_second"):  # as it was left before what is replaced went by itself
        bao.write(f"bizosaas/payments/{TENANT}/typed/{DRAFT}/webhook_secret", text)
    assert await versions(bao, store) == ["sk_second", "wh_first", "wh_second"]
    await vaulting.forget_typed(store, TENANT, DRAFT, ["secret_key", "webhook_secret", "never_typed"])
    assert await versions(bao, store) == []
    assert await vaulting.read_typed(store, TENANT, DRAFT, ["secret_key"]) == {}


async def test_credentials_and_registrations_that_were_replaced_are_gone_in_every_version(
    bao: OpenBao, store: VaultSecrets, account: PaymentAccount
) -> None:
    assert account.credentials_id is not None
    await vaulting.keep_credentials(store, account, account.credentials_id, {"secret_key": "sk_old"})
    await vaulting.keep_endpoint(store, account, Endpoint("we_1", "whsec_old"))
    await vaulting.forget_credentials(store, account, account.credentials_id)
    await vaulting.forget(store, account, vaulting.registration_of(account))
    assert await versions(bao, store) == []
    with pytest.raises(vaulting.NoCredentials):
        await vaulting.read_credentials(store, account)


async def test_a_registration_is_made_anew_after_it_was_forgotten(store: VaultSecrets, account: PaymentAccount) -> None:
    first, second = Endpoint("we_1", "whsec_1"), Endpoint("we_2", "whsec_2")
    assert await vaulting.make_endpoint(store, account, first) == first
    assert await vaulting.make_endpoint(store, account, second) == first
    await vaulting.forget_endpoint(store, account)
    assert await vaulting.make_endpoint(store, account, second) == second
    assert await vaulting.find_endpoint(store, account) == second
    await vaulting.forget_endpoint(store, account)


async def test_the_secret_of_a_social_account_that_is_removed_is_gone_in_every_version(
    bao: OpenBao, store: VaultSecrets
) -> None:
    name = f"social/{TENANT}/{new_id()}"
    await store.put(name, "token")
    await social_accounts.forget(store, name)
    assert await versions(bao, store) == []
