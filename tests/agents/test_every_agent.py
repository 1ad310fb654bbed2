"""Every agent runs over HTTP on the demo's data, without a key, and does what its case says."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from agents.evaluation import judge
from agents.loader import catalogue
from tests.support.servers import Server

PASSWORD = "Demo-2026-pass!"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    server = Server(tmp_path_factory.mktemp("agents") / "data", BIZOSAAS_RATE_LIMIT_PER_HOUR="5000").start()
    try:
        with httpx.Client(base_url=f"{server.url}/api/v1", timeout=90) as client:
            body = {"email": "admin@acme.demo", "password": PASSWORD}
            token = client.post("/auth/login", json=body).raise_for_status().json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client
    finally:
        server.stop()


def test_the_list_has_them_all(client: httpx.Client) -> None:
    items = client.get("/agents", params={"limit": 200}).raise_for_status().json()["items"]
    assert [item["id"] for item in items] == list(catalogue())
    assert all(item.keys() == {"id", "name", "title", "area", "goal"} for item in items)


@pytest.mark.parametrize("agent_id", list(catalogue()))
def test_it_does_its_job_on_its_example(client: httpx.Client, agent_id: str) -> None:
    described = client.get(f"/agents/{agent_id}").raise_for_status().json()
    answer = client.post(f"/agents/{agent_id}/runs", json={"input": described["example_input"], "wait": 60})
    run = answer.raise_for_status().json()
    assert (answer.status_code, run["status"], run["error"]) == (200, "succeeded", None)
    assert run["engine"].startswith("embedded")
    assert run["tool_calls"]
    score = judge(catalogue()[agent_id], run["output"], run["tool_calls"])
    assert score.is_passed, score
    assert client.get(f"/agents/runs/{run['run_id']}").json()["output"] == run["output"]
