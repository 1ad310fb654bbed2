"""Vault as a store of secrets: signing in, staying signed in, and living on while it is away."""

from __future__ import annotations

import asyncio
import logging
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bizosaas_app.kernel.secrets import (
    AppRole,
    PepperRing,
    SecretsUnavailable,
    SecretsUnsafe,
    Token,
    VaultSecrets,
    open_secrets,
)
from bizosaas_app.kernel.settings import Settings
from tests.support.openbao import OpenBao
from tests.support.relay import Relay, relaying
from tests.support.silent import silent

NAME = "db/context"


@asynccontextmanager
async def started(
    bao: OpenBao, path: str, auth: AppRole | Token, *, mount: str = "secret"
) -> AsyncIterator[VaultSecrets]:
    store = VaultSecrets(bao.addr, mount, path, auth)
    await store.start()
    try:
        yield store
    finally:
        await store.close()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition; the limit is only there to end a test that fails."""
    async with asyncio.timeout(90):
        while not await holds():  # noqa: ASYNC110  # the condition is in another process
            await asyncio.sleep(0.1)


async def tokens_of(bao: OpenBao, role: str) -> list[dict[str, Any]]:
    return await asyncio.to_thread(bao.tokens_of, role)


async def test_an_app_role_reads_what_the_operator_wrote(bao: OpenBao, vault_path: str) -> None:
    bao.write(f"{vault_path}/{NAME}", "one")
    role, auth = bao.app_role(vault_path)
    async with started(bao, vault_path, auth) as store:
        assert await store.get(NAME) == "one"
        assert len(await tokens_of(bao, role)) == 1
    assert await tokens_of(bao, role) == [], "closing leaves no token behind"


async def test_many_first_calls_at_once_sign_in_once(bao: OpenBao, vault_path: str) -> None:
    role, auth = bao.app_role(vault_path)
    store = VaultSecrets(bao.addr, "secret", vault_path, auth)
    await asyncio.gather(*(store.get(f"name-{n}") for n in range(8)))
    assert len(await tokens_of(bao, role)) == 1
    await store.close()


async def test_a_token_of_the_operator_works_too(bao: OpenBao, vault_path: str) -> None:
    bao.write(f"{vault_path}/{NAME}", "one")
    async with started(bao, vault_path, Token(SecretStr(bao.root.token))) as store:
        assert await store.get(NAME) == "one"
        assert store.health().status == "ok"
    assert bao.root.is_authenticated(), "closing does not revoke a token that is not ours"


async def test_the_token_of_whoever_started_us_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "token-of-the-shell")
    async with silent() as server:
        auth = AppRole(SecretStr("role"), SecretStr("secret"))
        store = VaultSecrets(server.url, "secret", "path", auth, timeout_seconds=0.5)
        with pytest.raises(SecretsUnavailable):
            await store.get(NAME)
        await store.close()
    assert b"/v1/auth/approle/login" in server.received
    assert b"token-of-the-shell" not in server.received


async def test_secrets_do_not_pass_the_proxy_of_the_environment(
    bao: OpenBao, vault_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, auth = bao.app_role(vault_path)
    async with silent() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        async with started(bao, vault_path, auth) as store:
            assert await store.put(NAME, "one") is True
    assert not proxy.received


async def test_a_renewed_token_outlives_its_first_lease(bao: OpenBao, vault_path: str) -> None:
    lease_seconds = 6
    # The secret id works once, so that only a renewal can keep the session.
    role, auth = bao.app_role(vault_path, secret_id_uses=1, token_ttl=f"{lease_seconds}s", token_max_ttl="1h")
    async with started(bao, vault_path, auth) as store:

        async def has_outlived() -> bool:
            tokens = await tokens_of(bao, role)
            assert tokens, "the token died"
            return bool(tokens[0].get("last_renewal_time", 0) - tokens[0]["creation_time"] > lease_seconds)

        await until(has_outlived)
        bao.write(f"{vault_path}/{NAME}", "written after the first lease")
        assert await store.get(NAME) == "written after the first lease"
        assert store.health().status == "ok"


async def test_a_token_near_its_maximum_is_replaced_in_good_time(bao: OpenBao, vault_path: str) -> None:
    role, auth = bao.app_role(vault_path, token_ttl="6s", token_max_ttl="8s")
    async with started(bao, vault_path, auth):

        async def overlap() -> bool:
            lives = [token["ttl"] for token in await tokens_of(bao, role)]
            return len(lives) == 2 and min(lives) >= 2

        await until(overlap)


async def test_a_revoked_token_is_replaced_at_the_next_call(bao: OpenBao, vault_path: str) -> None:
    role, auth = bao.app_role(vault_path)
    async with started(bao, vault_path, auth) as store:
        await store.put(NAME, "one")
        await asyncio.to_thread(bao.revoke, role)
        bao.write(f"{vault_path}/{NAME}", "two")
        assert await store.get(NAME) == "two"
        assert store.health().status == "ok"


async def test_a_used_up_secret_id_leaves_the_last_known_secrets(bao: OpenBao, vault_path: str) -> None:
    role, auth = bao.app_role(vault_path, secret_id_uses=1)
    async with started(bao, vault_path, auth) as store:
        await store.put(NAME, "one")
        await asyncio.to_thread(bao.revoke, role)
        assert await store.get(NAME) == "one"
        assert store.health() == ("degraded", "Vault refused the AppRole given to us")
        with pytest.raises(SecretsUnavailable):
            await store.put(NAME, "two")


async def test_a_policy_that_forbids_is_not_answered_with_new_tokens(bao: OpenBao, vault_path: str) -> None:
    role, auth = bao.app_role(vault_path)
    async with started(bao, "elsewhere", auth) as store:
        for _ in range(3):
            with pytest.raises(SecretsUnavailable, match="policy"):
                await store.get(NAME)
        assert len(await tokens_of(bao, role)) == 1
        assert store.health().status == "degraded"


async def test_a_deleted_secret_can_be_made_again(bao: OpenBao, vault_path: str) -> None:
    _, auth = bao.app_role(vault_path)
    async with started(bao, vault_path, auth) as store:
        await store.put(NAME, "one")
        bao.delete(f"{vault_path}/{NAME}")
        assert await store.get(NAME) is None
        assert await store.put(NAME, "two", only_if_absent=True) is True
        assert await store.get(NAME) == "two"


async def test_the_shipped_policy_lets_a_secret_be_destroyed_and_no_other_be_touched(
    bao: OpenBao, vault_path: str
) -> None:
    _, auth = bao.app_role(vault_path)
    async with started(bao, vault_path, auth) as store:
        await store.put("payments/t/a", "one")
        await store.delete("payments/t/a")
        assert await store.names() == []
    async with started(bao, f"{vault_path}-of-another", auth) as store:
        with pytest.raises(SecretsUnavailable, match="policy"):
            await store.delete("payments/t/a")


async def test_a_missing_mount_is_not_taken_for_missing_secrets(bao: OpenBao, vault_path: str) -> None:
    token = Token(SecretStr(bao.root.token))
    async with started(bao, vault_path, token, mount="nowhere") as store:
        for call in (store.get(NAME), store.put(NAME, "one"), store.names()):
            with pytest.raises(SecretsUnavailable, match="'nowhere'"):
                await call


async def test_a_document_without_our_field_is_refused(bao: OpenBao, vault_path: str) -> None:
    bao.root.secrets.kv.v2.create_or_update_secret(f"{vault_path}/{NAME}", {"password": "x"})
    async with started(bao, vault_path, Token(SecretStr(bao.root.token))) as store:
        with pytest.raises(SecretsUnavailable, match="no text field 'value'"):
            await store.get(NAME)


async def test_the_process_lives_on_while_vault_is_away_and_recovers(bao: OpenBao, vault_path: str) -> None:
    _, auth = bao.app_role(vault_path)
    async with started(bao, vault_path, auth) as store:
        await store.put(NAME, "one")
        ring = PepperRing(store, "pepper/refresh", keep_seconds=60)
        await ring.load()
        before = ring.current
        await asyncio.to_thread(bao.stop)
        try:
            assert await store.get(NAME) == "one"
            assert store.health() == ("degraded", "Vault does not answer (ConnectionError)")
            with pytest.raises(SecretsUnavailable):  # what this process knows is not all that there is
                await store.names()
            with pytest.raises(SecretsUnavailable):
                await store.put(NAME, "two")
            with pytest.raises(SecretsUnavailable):
                await store.put("new", "two", only_if_absent=True)
            with pytest.raises(SecretsUnavailable):
                await store.get("never-read")
            with pytest.raises(SecretsUnavailable):
                await ring.rotate()
            await ring.refresh()
            assert ring.current == before
        finally:
            await asyncio.to_thread(bao.start)

        async def is_well() -> bool:
            return store.health().status == "ok"

        await until(is_well)
        bao.write(f"{vault_path}/{NAME}", "three")

        async def reads_anew() -> bool:
            return await store.get(NAME) == "three"

        await until(reads_anew)
        assert await store.put(NAME, "four") is True


@asynccontextmanager
async def relayed(bao: OpenBao, path: str) -> AsyncIterator[tuple[Relay, VaultSecrets]]:
    """Give a store whose Vault answers when the test wants it to, and is away once the relay is closed."""
    async with relaying(bao.addr) as relay:
        store = VaultSecrets(relay.url, "secret", path, bao.app_role(path)[1])
        try:
            yield relay, store
        finally:
            await relay.close()
            await store.close()


async def test_a_read_that_a_deletion_overtakes_leaves_no_copy(bao: OpenBao, vault_path: str) -> None:
    async with relayed(bao, vault_path) as (relay, store):
        await store.put(NAME, "one")
        relay.hold(f"GET /v1/secret/data/{vault_path}/{NAME} ")
        reading = asyncio.create_task(store.get(NAME))
        await relay.is_held.wait()
        await store.delete(NAME)
        relay.let_go()
        assert await reading == "one"
        await relay.close()
        with pytest.raises(SecretsUnavailable):
            await store.get(NAME)


async def test_a_read_that_a_write_overtakes_leaves_the_copy_of_what_was_written(bao: OpenBao, vault_path: str) -> None:
    async with relayed(bao, vault_path) as (relay, store):
        await store.put(NAME, "one")
        relay.hold(f"GET /v1/secret/data/{vault_path}/{NAME} ")
        reading = asyncio.create_task(store.get(NAME))
        await relay.is_held.wait()
        await store.put(NAME, "two")
        relay.let_go()
        assert await reading == "one"
        await relay.close()
        assert await store.get(NAME) == "two"


async def test_a_deletion_that_nobody_waits_for_any_more_leaves_no_copy(bao: OpenBao, vault_path: str) -> None:
    async with relayed(bao, vault_path) as (relay, store):
        await store.put(NAME, "one")
        relay.hold(f"DELETE /v1/secret/metadata/{vault_path}/{NAME} ")
        deleting = asyncio.create_task(store.delete(NAME))
        await relay.is_held.wait()
        deleting.cancel()
        await asyncio.wait([deleting])
        await relay.close()
        with pytest.raises(SecretsUnavailable):
            await store.get(NAME)


@pytest.mark.parametrize("change", ["put", "delete"])
async def test_a_change_whose_answer_is_lost_leaves_no_copy_of_what_was(
    bao: OpenBao, vault_path: str, change: str
) -> None:
    async with relayed(bao, vault_path) as (relay, store):
        await store.put(NAME, "one")
        relay.hold(
            f"{'POST /v1/secret/data' if change == 'put' else 'DELETE /v1/secret/metadata'}/{vault_path}/{NAME} "
        )
        changing = asyncio.create_task(store.put(NAME, "two") if change == "put" else store.delete(NAME))
        await relay.is_held.wait()
        await relay.close()
        with pytest.raises(SecretsUnavailable):
            await changing
        with pytest.raises(SecretsUnavailable):
            await store.get(NAME)


async def test_a_start_without_vault_waits_for_it(bao: OpenBao, vault_path: str) -> None:
    bao.write(f"{vault_path}/{NAME}", "one")
    _, auth = bao.app_role(vault_path)
    await asyncio.to_thread(bao.stop)
    try:
        store = VaultSecrets(bao.addr, "secret", vault_path, auth)
        await store.start()
        assert store.health().status == "degraded"
        with pytest.raises(SecretsUnavailable, match="does not answer"):
            await store.get(NAME)
    finally:
        await asyncio.to_thread(bao.start)

    async def is_well() -> bool:
        return store.health().status == "ok"

    await until(is_well)
    assert await store.get(NAME) == "one"
    await store.close()


async def test_a_vault_that_accepts_but_never_answers_is_given_up() -> None:
    async with silent() as server:
        store = VaultSecrets(server.url, "secret", "path", Token(SecretStr("t")), timeout_seconds=0.2)
        with pytest.raises(SecretsUnavailable, match="does not answer"):
            await store.get(NAME)
        await store.close()
    assert server.received


async def test_nothing_secret_is_logged_or_told_in_errors(
    bao: OpenBao, vault_path: str, caplog: pytest.LogCaptureFixture
) -> None:
    role, auth = bao.app_role(vault_path, secret_id_uses=1)
    value = f"value-{uuid.uuid4().hex}"
    told: list[str] = []
    caplog.set_level(logging.DEBUG)
    with capture_logs() as events:
        async with started(bao, vault_path, auth) as store:
            await store.put(NAME, value)
            ring = PepperRing(store, "pepper/refresh", keep_seconds=60)
            await ring.load()
            await ring.rotate()
            token = store._session._client.token
            await asyncio.to_thread(bao.revoke, role)
            try:
                await store.put(NAME, value)
            except SecretsUnavailable:
                told.append(traceback.format_exc())
            bao.write(f"{vault_path}/pepper/refresh", value)
            await ring.refresh()
            told += [repr(store), repr(auth), repr(ring), repr(store.health()), repr(ring._keys)]
    told += [repr(events), caplog.text]
    for sign_of_life in ("vault_signed_in", "vault_degraded", "keyring_rotated", "POST /v1/auth/approle/login"):
        assert sign_of_life in "".join(told)
    peppers = [key.hex() for key in ring.all.values()] + [repr(key) for key in ring.all.values()]
    for secret in (auth.secret_id.get_secret_value(), token, value, *peppers):
        assert secret not in "".join(told)


def vault_settings(bao: OpenBao, path: str, **more: Any) -> Settings:
    return Settings(**{"vault_addr": bao.addr, "vault_path": path, **more})


async def test_the_settings_open_a_vault_by_app_role_or_token(bao: OpenBao, vault_path: str) -> None:
    bao.write(f"{vault_path}/{NAME}", "one")
    _, auth = bao.app_role(vault_path)
    by_role = {"vault_role_id": auth.role_id, "vault_secret_id": auth.secret_id}
    for credentials in (by_role, {"vault_token": SecretStr(bao.root.token)}):
        store = await open_secrets(vault_settings(bao, vault_path, **credentials))
        assert await store.get(NAME) == "one"
        await store.close()


async def test_a_vault_without_credentials_is_refused(bao: OpenBao, vault_path: str) -> None:
    with pytest.raises(SecretsUnsafe, match="VAULT_ROLE_ID"):
        await open_secrets(vault_settings(bao, vault_path))


def production(addr: str) -> Settings:
    return Settings(
        env="production",
        demo=False,
        public_url="https://app.example",
        database_url=SecretStr("postgresql://db/app"),
        database_admin_url=SecretStr("postgresql://db/admin"),
        redis_url=SecretStr("redis://cache"),
        vault_addr=addr,
        vault_token=SecretStr("t"),
    )


@pytest.mark.parametrize("addr", ["http://vault.example:8200", "http://10.0.0.8:8200", "http://[fd00::8]:8200"])
async def test_production_refuses_a_distant_vault_in_clear_text(addr: str) -> None:
    with pytest.raises(SecretsUnsafe, match="https"):
        await open_secrets(production(addr))


@pytest.mark.parametrize("addr", ["http://vault:8200", "http://localhost:1", "http://127.0.0.1:1"])
async def test_production_takes_the_vault_of_the_same_machine(addr: str) -> None:
    await (await open_secrets(production(addr))).close()
