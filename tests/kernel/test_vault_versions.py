"""A text that another one replaced in Vault can be read by nobody any more, in whatever way it was replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hvac.exceptions import InvalidPath
from structlog.testing import capture_logs

from bizosaas_app.kernel.secrets import AppRole, FileSecrets, SecretsUnavailable, VaultSecrets
from tests.kernel.test_commands import Commands
from tests.support.openbao import OpenBao
from tests.support.relay import relaying

NAME = "social/tenant/account"
OLDER_POLICY = """
path "secret/data/{path}/*" {{ capabilities = ["create", "read", "update"] }}
path "secret/metadata/{path}/*" {{ capabilities = ["list", "read", "delete"] }}
"""
"""What deployments before this rule gave the application."""


def readable(bao: OpenBao, path: str) -> list[str]:
    """Give every text that the secret still gives to whoever may do everything, a deletion taken back included."""
    kv = bao.root.secrets.kv.v2
    newest = kv.read_secret_metadata(path, mount_point="secret")["data"]["current_version"]
    numbers = list(range(1, newest + 1))
    kv.undelete_secret_versions(path, numbers, mount_point="secret")
    found = []
    for number in numbers:
        try:
            answer = kv.read_secret_version(path, number, mount_point="secret", raise_on_deleted_version=True)
        except InvalidPath:
            continue
        found.append(answer["data"]["data"]["value"])
    return found


@contextmanager
def keeping(bao: OpenBao, versions: int) -> Iterator[None]:
    """Have the mount keep so many versions of whatever is in it."""
    kv = bao.root.secrets.kv.v2
    kv.configure(max_versions=versions, mount_point="secret")
    try:
        yield
    finally:
        kv.configure(max_versions=0, mount_point="secret")


def with_older_policy(bao: OpenBao, path: str) -> tuple[str, AppRole, str]:
    """Give a role's name, its credentials, and the policy that it should have and has not."""
    role, auth = bao.app_role(path)
    shipped: str = bao.root.sys.read_policy(role)["data"]["rules"]
    bao.root.sys.create_or_update_policy(role, OLDER_POLICY.format(path=path))
    return role, auth, shipped


def opened(bao: OpenBao, path: str, auth: AppRole | None = None) -> VaultSecrets:
    return VaultSecrets(bao.addr, "secret", path, auth or bao.app_role(path)[1])


@pytest.mark.parametrize("kept_by_mount", [0, 5])
async def test_a_replaced_text_is_gone(bao: OpenBao, vault_path: str, kept_by_mount: int) -> None:
    store = opened(bao, vault_path)
    with keeping(bao, kept_by_mount):
        await store.put(NAME, "one")
        await store.put(NAME, "two")
        assert readable(bao, f"{vault_path}/{NAME}") == ["two"]
        assert await store.swap(NAME, "two", "three") is True
        assert readable(bao, f"{vault_path}/{NAME}") == ["three"]
        assert await store.get(NAME) == "three"
    await store.close()


@pytest.mark.parametrize("kept_by_mount", [0, 5])
@pytest.mark.parametrize("is_deleted", [False, True])
async def test_the_next_write_takes_along_what_was_left_before_this_rule(
    bao: OpenBao, vault_path: str, kept_by_mount: int, is_deleted: bool
) -> None:
    path, store = f"{vault_path}/{NAME}", opened(bao, vault_path)
    with keeping(bao, kept_by_mount):
        for text in ("one", "two", "three"):
            bao.write(path, text)
        if is_deleted:
            bao.delete(path)
        await store.put(NAME, "four")
        assert readable(bao, path) == ["four"]
    await store.close()


async def test_writers_at_once_leave_one_text(bao: OpenBao, vault_path: str) -> None:
    auth = bao.app_role(vault_path)[1]
    stores = [opened(bao, vault_path, auth) for _ in range(8)]
    await stores[0].put(NAME, "first")
    await asyncio.gather(*(store.put(NAME, f"text {number}") for number, store in enumerate(stores)))
    assert readable(bao, f"{vault_path}/{NAME}") == [await stores[0].get(NAME)]
    for store in stores:
        await store.close()


async def test_a_process_that_dies_once_the_text_is_written_leaves_nothing_to_be_removed(
    bao: OpenBao, vault_path: str
) -> None:
    async with relaying(bao.addr) as relay:
        store = VaultSecrets(relay.url, "secret", vault_path, bao.app_role(vault_path)[1])
        await store.put(NAME, "one")
        relay.hold(f"POST /v1/secret/data/{vault_path}/{NAME} ")
        writing = asyncio.create_task(store.put(NAME, "two"))
        await relay.is_held.wait()
        await relay.close()
        with pytest.raises(SecretsUnavailable):
            await writing
        await store.close()
    assert readable(bao, f"{vault_path}/{NAME}") == ["two"]


async def test_under_an_older_policy_the_write_counts_and_what_to_do_is_said(bao: OpenBao, vault_path: str) -> None:
    role, auth, shipped = with_older_policy(bao, vault_path)
    path, store = f"{vault_path}/{NAME}", opened(bao, vault_path, auth)
    with capture_logs() as events:
        assert await store.put(NAME, "one") is True
        assert events[-1]["event"] != "secret_versions_kept", "a first text replaces none"
        assert await store.put(NAME, "two") is True
    told = [event for event in events if event["event"] == "secret_versions_kept"]
    assert [(event["secret_name"], event["log_level"]) for event in told] == [(NAME, "warning")]
    assert "deploy/openbao/policy.hcl" in told[0]["reason"]
    assert await store.get(NAME) == "two"
    assert store.health().status == "ok", "nobody is to be woken for it"
    with pytest.raises(SecretsUnavailable, match=r"deploy/openbao/policy\.hcl"):
        await store.forget_older()
    assert readable(bao, path) == ["one", "two"]
    bao.root.sys.create_or_update_policy(role, shipped)
    assert await store.put(NAME, "three") is True
    assert readable(bao, path) == ["three"]
    await store.close()


async def test_all_that_was_replaced_before_can_be_removed_at_once(bao: OpenBao, vault_path: str) -> None:
    store = opened(bao, vault_path)
    for text in ("one", "two"):
        bao.write(f"{vault_path}/llm/openai", text)
        bao.write(f"{vault_path}/deleted/since", text)
    bao.delete(f"{vault_path}/deleted/since")
    await store.put("never/replaced", "own")
    assert await store.forget_older() == 2
    assert readable(bao, f"{vault_path}/llm/openai") == ["two"]
    assert readable(bao, f"{vault_path}/never/replaced") == ["own"]
    assert readable(bao, f"{vault_path}/deleted/since") == ["two"], "its deletion is the operator's to take back"
    assert await store.forget_older() == 0
    await store.close()


async def test_a_file_keeps_no_older_texts(tmp_path: Path) -> None:
    store = FileSecrets(tmp_path / "secrets")
    await store.put(NAME, "one")
    await store.put(NAME, "two")
    assert await store.forget_older() == 0
    assert "one" not in (tmp_path / "secrets" / "secrets.json").read_text()


def test_a_command_removes_them(bao: OpenBao, vault_path: str, tmp_path: Path) -> None:
    auth = bao.app_role(vault_path)[1]
    for text in ("one", "two"):
        bao.write(f"{vault_path}/{NAME}", text)
    settings: dict[str, Any] = {
        "BIZOSAAS_DATA_DIR": str(tmp_path / "data"),
        "VAULT_ADDR": bao.addr,
        "BIZOSAAS_VAULT_PATH": vault_path,
        "VAULT_ROLE_ID": auth.role_id.get_secret_value(),
        "VAULT_SECRET_ID": auth.secret_id.get_secret_value(),
    }
    commands = Commands(tmp_path)
    assert commands.run("forget-old-secrets", **settings) == "Older texts of 1 secret were removed for good.\n"
    assert readable(bao, f"{vault_path}/{NAME}") == ["two"]
    assert commands.run("forget-old-secrets", **settings) == "Older texts of 0 secrets were removed for good.\n"
