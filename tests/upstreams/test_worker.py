"""A process that only works (`python -m bizosaas_app work`) reaches the connected systems as the servers do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from agents.loader import catalogue
from tests.support.results import api_of
from tests.support.servers import Server

AGENT = "assortment_analyst"
PATIENCE_SECONDS = 300


@pytest.fixture(scope="module")
def server(shop_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that leaves the jobs to others."""
    value = Server(tmp_path_factory.mktemp("servers") / "data", BIZOSAAS_JOBS="0", ECOMMERCE_URL=shop_url)
    yield value.start()
    value.stop()


def test_an_agents_run_in_a_worker_reads_the_connected_shop(server: Server) -> None:
    given = {**catalogue()[AGENT].spec.example, "compare_with": "shop"}
    with api_of(server, "admin@acme.demo") as api, server.another_worker():
        started = api.post(f"/agents/{AGENT}/runs", json={"input": given}).raise_for_status().json()
        run = await_end(api, started["run_id"])
    assert (run["status"], run["error"]) == ("succeeded", None)
    assert len(run["output"]["shop_products"]["rows"]) == 50
    assert "shop_products" in [call["tool"] for call in run["tool_calls"]]


def await_end(api: httpx.Client, run_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        run: dict[str, Any] = api.get(f"/agents/runs/{run_id}").raise_for_status().json()
        if run["status"] not in ("queued", "running"):
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.3)
