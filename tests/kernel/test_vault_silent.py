"""A Vault that hangs or is gone costs a process one call at a time, however many tenants ask."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from bizosaas_app.kernel.secrets import AppRole, SecretsUnavailable, VaultSecrets
from bizosaas_app.kernel.secrets.vault_reach import FIRST_REST_SECONDS, LONGEST_REST_SECONDS, Reach
from tests.support.openbao import OpenBao
from tests.support.relay import relaying
from tests.support.servers import free_port
from tests.support.silent import Silent, silent

TENANTS = [f"payments/tenant-{number}/key" for number in range(50)]
NOBODY = AppRole(SecretStr("role"), SecretStr("secret"))
CALLS_AT_ONCE = 4
"""Threads for requests: so many may be under way at the moment in which Vault falls silent."""


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def sign_ins(server: Silent) -> int:
    return server.received.count(b"POST /v1/auth/approle/login ")


async def read_all(store: VaultSecrets) -> list[Any]:
    """Give what fifty tenants get that ask at once: texts or errors."""
    return await asyncio.gather(*(store.get(name) for name in TENANTS), return_exceptions=True)


def assert_told(answers: list[Any]) -> None:
    for answer in answers:
        assert isinstance(answer, SecretsUnavailable), answer
        assert "does not answer" in answer.message


async def test_a_vault_that_takes_calls_and_says_nothing_is_asked_once_for_all_tenants() -> None:
    port, clock = free_port(), Clock()
    async with silent(port) as server:
        store = VaultSecrets(f"http://127.0.0.1:{port}", "secret", "path", NOBODY, timeout_seconds=0.5, now=clock)
        for asked, pause in ((1, 0.0), (1, FIRST_REST_SECONDS), (2, 2 * FIRST_REST_SECONDS), (3, 0.0)):
            assert_told(await read_all(store))
            assert sign_ins(server) == asked
            clock.seconds += pause
        assert store.health().status == "degraded"
        await store.close()


async def test_whoever_asks_while_a_probe_waits_is_answered_at_once() -> None:
    port, clock = free_port(), Clock()
    # Far longer than the test lasts: whoever waited for the probe would not be answered before it ends.
    store = VaultSecrets(f"http://127.0.0.1:{port}", "secret", "path", NOBODY, timeout_seconds=300, now=clock)
    assert_told(await read_all(store))
    async with silent(port) as server:
        clock.seconds += FIRST_REST_SECONDS
        probe = asyncio.create_task(store.get("asked/first"))
        await server.is_asked.wait()
        assert_told(await read_all(store))
        with pytest.raises(SecretsUnavailable):
            await store.put("new", "text")
        assert not probe.done()
        assert sign_ins(server) == 1
        await server.close()
        with pytest.raises(SecretsUnavailable):
            await probe
    await store.close()


async def test_a_vault_that_falls_silent_later_leaves_the_copies_and_costs_the_calls_under_way(
    bao: OpenBao, vault_path: str
) -> None:
    clock = Clock()
    async with relaying(bao.addr) as relay:
        auth = bao.app_role(vault_path)[1]
        store = VaultSecrets(relay.url, "secret", vault_path, auth, timeout_seconds=2, now=clock)
        for name in TENANTS[::2]:
            await store.put(name, f"text of {name}")
        relay.fall_silent()
        for asked in (CALLS_AT_ONCE, CALLS_AT_ONCE):
            answers = await read_all(store)
            assert answers[::2] == [f"text of {name}" for name in TENANTS[::2]]
            assert_told(answers[1::2])
            assert relay.unanswered == asked
        clock.seconds += FIRST_REST_SECONDS
        await read_all(store)
        assert relay.unanswered == CALLS_AT_ONCE + 1
        await store.close()


async def test_a_vault_that_is_back_is_noticed_by_the_next_probe(bao: OpenBao, vault_path: str) -> None:
    clock = Clock()
    store = VaultSecrets(bao.addr, "secret", vault_path, bao.app_role(vault_path)[1], now=clock)
    await store.put(TENANTS[0], "one")
    await asyncio.to_thread(bao.stop)
    try:
        with pytest.raises(SecretsUnavailable):
            await store.put(TENANTS[0], "two")
    finally:
        await asyncio.to_thread(bao.start)
    with pytest.raises(SecretsUnavailable):
        await store.put(TENANTS[0], "two")
    clock.seconds += FIRST_REST_SECONDS
    assert await store.put(TENANTS[0], "two") is True
    assert store.health().status == "ok"
    assert await read_all(store) == ["two", *(None for _ in TENANTS[1:])]
    await store.close()


async def test_what_one_tenant_may_not_read_does_not_keep_others_from_theirs(bao: OpenBao, vault_path: str) -> None:
    role, auth = bao.app_role(vault_path)
    allowed = bao.root.sys.read_policy(role)["data"]["rules"]
    forbidden = f'path "secret/data/{vault_path}/{TENANTS[0]}" {{ capabilities = ["deny"] }}'
    bao.root.sys.create_or_update_policy(role, f"{allowed}\n{forbidden}")
    store = VaultSecrets(bao.addr, "secret", vault_path, auth, now=Clock())
    await store.put(TENANTS[1], "one")
    bao.write(f"{vault_path}/{TENANTS[1]}", "two")
    for _ in range(3):
        refused, *answers = await read_all(store)
        assert isinstance(refused, SecretsUnavailable)
        assert "policy" in refused.message
        assert answers == ["two", *(None for _ in TENANTS[2:])]
    await store.close()


def test_the_rests_double_to_their_limit_and_an_answer_ends_them() -> None:
    clock = Clock()
    reach = Reach(20, now=clock)
    rests = []
    for _ in range(6):
        ticket = reach.enter()
        assert ticket is not None
        reach.lost(ticket)
        rests.append(reach.rest_seconds())
        clock.seconds += reach.rest_seconds()
    assert rests == [1, 2, 4, 8, LONGEST_REST_SECONDS, LONGEST_REST_SECONDS]
    probe = reach.enter()
    assert (probe is None, reach.enter()) == (False, None)
    reach.answered(probe or 0)
    assert reach.rest_seconds() == 0
    assert reach.enter() is not None
    assert reach.enter() is not None


def test_a_call_from_before_counts_no_more() -> None:
    clock = Clock()
    reach = Reach(20, now=clock)
    early, late = reach.enter(), reach.enter()
    assert early is not None
    assert late is not None
    reach.lost(early)
    reach.lost(late)
    assert reach.rest_seconds() == FIRST_REST_SECONDS, "calls that fail together are one failure"
    reach.answered(late)
    assert reach.enter() is None


def test_a_probe_that_nobody_tells_of_makes_room_for_another() -> None:
    clock = Clock()
    reach = Reach(20, now=clock)
    reach.lost(reach.enter() or 0)
    clock.seconds += FIRST_REST_SECONDS
    assert reach.enter() is not None
    clock.seconds += 19
    assert reach.enter() is None
    clock.seconds += 1
    assert reach.enter() is not None
