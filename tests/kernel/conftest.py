"""Fixtures of the kernel's tests: a Vault, and both stores of secrets behind one name."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from bizosaas_app.kernel.secrets import FileSecrets, SecretSource, VaultSecrets
from tests.support.openbao import OpenBao

OpenStore = Callable[[], Awaitable[SecretSource]]


@pytest.fixture(scope="session")
def bao() -> Iterator[OpenBao]:
    server = OpenBao()
    yield server
    server.close()


@pytest.fixture
def vault_path() -> str:
    """A path in Vault that no other test uses."""
    return f"test/{uuid.uuid4().hex[:12]}"


@pytest.fixture(params=["file", "vault"])
async def open_store(request: pytest.FixtureRequest, tmp_path: Path, vault_path: str) -> AsyncIterator[OpenStore]:
    """Opens stores over one and the same place, as several workers do."""
    opened: list[SecretSource] = []
    server: OpenBao | None = request.getfixturevalue("bao") if request.param == "vault" else None
    auth = server.app_role(vault_path)[1] if server else None

    async def open_one() -> SecretSource:
        if server is None or auth is None:
            opened.append(FileSecrets(tmp_path / "secrets"))
        else:
            vault = VaultSecrets(server.addr, "secret", vault_path, auth)
            await vault.start()
            opened.append(vault)
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: OpenStore) -> SecretSource:
    return await open_store()
