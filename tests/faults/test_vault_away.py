"""Vault is sealed, then killed, while people work: they notice nothing, what needs it is told, and it comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bizosaas_app.services.demo.cast import PASSWORD
from tests.support.openbao import OpenBao
from tests.support.servers import Server

READERS = 8
CHOSEN = {"name": "Shop", "provider": "stripe", "mode": "test", "country": "DE", "currency": "EUR"}
TYPED = {"value": "sk_test_NobodyKnowsThisKey00001"}


@pytest.fixture(scope="module")
def vault() -> Iterator[OpenBao]:
    value = OpenBao()
    yield value
    value.close()


@pytest.fixture(scope="module")
def server(vault: OpenBao, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    _, auth = vault.app_role("bizosaas")
    value = Server(
        tmp_path_factory.mktemp("vaulted") / "data",
        VAULT_ADDR=vault.addr,
        VAULT_ROLE_ID=auth.role_id.get_secret_value(),
        VAULT_SECRET_ID=auth.secret_id.get_secret_value(),
        BIZOSAAS_RATE_LIMIT_PER_HOUR="1000000",
    )
    yield value.start()
    value.stop()


@asynccontextmanager
async def signed_in(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        answer = await client.post("/api/v1/auth/login", json={"email": "admin@acme.demo", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
        client.cookies.clear()
        yield client


async def health(client: httpx.AsyncClient) -> tuple[int, str]:
    answer = await client.get("/health")
    return answer.status_code, answer.json()["services"]["secrets"]["status"]


async def until_health_is(client: httpx.AsyncClient, status: str) -> None:
    deadline = time.monotonic() + 120
    while await health(client) != (200, status):
        assert time.monotonic() < deadline, await health(client)
        await asyncio.sleep(0.3)


async def test_nobody_who_reads_or_signs_in_notices_and_who_stores_a_secret_is_told(
    server: Server, vault: OpenBao
) -> None:
    async with signed_in(server) as admin:
        draft = (await admin.post("/api/v1/wizards/payments/draft")).raise_for_status().json()
        step = f"/api/v1/wizards/drafts/{draft['draft_id']}/steps/{draft['step']}/continue"
        (await admin.post(step, json={"seen": draft["version"], "answers": CHOSEN})).raise_for_status()
        place = f"/api/v1/wizards/drafts/{draft['draft_id']}/secrets/secret_key"
        answers: list[int] = []
        is_over = asyncio.Event()

        async def read() -> None:
            while not is_over.is_set():
                answers.append((await admin.get("/api/v1/gamification/leaderboards")).status_code)
                answers.append((await admin.get("/api/v1/auth/me")).status_code)

        readers = [asyncio.create_task(read()) for _ in range(READERS)]
        for away, back in ((vault.root.sys.seal, vault.unseal), (vault.kill, vault.start)):
            await until_health_is(admin, "ok")
            before = len(answers)
            await asyncio.to_thread(away)
            told = await admin.put(place, json=TYPED)
            assert (told.status_code, told.json()["code"]) == (502, "secrets_unavailable"), told.text
            await until_health_is(admin, "degraded")
            async with signed_in(server) as another:
                assert (await another.get("/api/v1/auth/me")).status_code == 200
            assert len(answers) > before
            await asyncio.to_thread(back)
        await until_health_is(admin, "ok")
        is_over.set()
        await asyncio.gather(*readers)
        assert set(answers) == {200}
        assert (await admin.put(place, json=TYPED)).status_code == 200
