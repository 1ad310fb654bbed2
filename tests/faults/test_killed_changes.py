"""A change in a connected system stands in the audit log whatever ends: the worker that makes it, or the database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest

from tests.support.outages import GivenEngines
from tests.support.servers import Server
from tests.support.tabs import log_in
from tests.support.upstreams import RawUpstream, raw_upstream, slowly, until

PATIENCE_SECONDS: Final = 120
ADMIN: Final = "admin@acme.demo"
UNKNOWN: Final = ("upstream.changing", "unknown", {"method": "POST", "path": "/crm/leads"})
CHANGED: Final = ("upstream.changed", "ok", {"method": "POST", "path": "/crm/leads", "status": "200"})


@pytest.fixture
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GivenEngines]:
    value = GivenEngines(tmp_path_factory.mktemp("changes") / "data")
    yield value.start()
    value.stop()


@pytest.fixture
async def crm() -> AsyncIterator[RawUpstream]:
    async with raw_upstream() as value:
        yield value


@pytest.fixture
async def server(engines: GivenEngines, crm: RawUpstream) -> AsyncIterator[Server]:
    value = Server(engines.data_dir, CRM_URL=crm.url, BIZOSAAS_DEMO="0", BIZOSAAS_JOBS="0", **engines.urls)
    yield value.start()
    value.stop()


@asynccontextmanager
async def administrator(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    _, token = await asyncio.to_thread(log_in, server, ADMIN)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as client:
        yield client


async def until_healthy(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await asyncio.to_thread(server.is_healthy):
        assert time.monotonic() < deadline, "the server has not come back"
        await asyncio.sleep(0.2)


async def entries(api: httpx.AsyncClient, **asked: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Give what the audit log tells of connected systems, as an administrator reads it."""
    found = (await api.get("/audit", params={"area": "upstream", **asked})).raise_for_status().json()["items"]
    return [(line["action"], line["outcome"], line["detail"]) for line in found]


async def test_a_worker_killed_while_a_change_is_under_way_leaves_it_in_the_log(
    server: Server, crm: RawUpstream
) -> None:
    may_answer = asyncio.Event()
    crm.script = slowly(may_answer)
    async with administrator(server) as api:
        asking = asyncio.create_task(api.post("/crm/leads", json={"name": "x"}))
        await until(lambda: bool(crm.seen))
        assert await entries(api) == [UNKNOWN]
        for worker in server.workers():
            worker.kill()
        with pytest.raises(httpx.HTTPError):
            await asking
        await until_healthy(server)
        assert await entries(api, outcome="unknown") == [UNKNOWN]
        file = (await api.get("/audit/export.csv", params={"outcome": "unknown"})).raise_for_status().text
        assert "upstream.changing" in file
        may_answer.set()
        crm.script = slowly(may_answer)
        assert (await api.post("/crm/leads", json={"name": "x"})).status_code == 200
        assert await entries(api) == [CHANGED, UNKNOWN]
    assert len(crm.seen) == 2


async def test_while_the_database_is_away_no_change_leaves_and_one_under_way_is_told_as_unknown(
    server: Server, engines: GivenEngines, crm: RawUpstream
) -> None:
    may_answer = asyncio.Event()
    crm.script = slowly(may_answer)
    async with administrator(server) as api:
        asking = asyncio.create_task(api.post("/crm/leads", json={"name": "x"}))
        await until(lambda: bool(crm.seen))
        await asyncio.to_thread(engines.stop_postgres)
        may_answer.set()
        # Its change is made: whoever asked must hear that, else it would be made again.
        assert (await asking).status_code == 200
        refused = await api.post("/crm/leads", json={"name": "y"})
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert refused.headers["retry-after"]
        given_up = "work after the answer failed"
        await until(lambda: given_up in server.log.read_text(errors="replace"))
        await asyncio.to_thread(engines.start_postgres)
        await until_healthy(server)
        assert await entries(api) == [UNKNOWN]
    assert len(crm.seen) == 1
