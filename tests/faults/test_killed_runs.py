"""A worker is killed in the middle of an agent's run: the run ends once, with nothing doubled and nothing left open."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import httpx
import psutil
import psycopg
import pytest
from psycopg.rows import dict_row

from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from tests.support.openai_server import Asked, OpenAiServer, Reply, Silence, helpful, serving
from tests.support.results import administrator
from tests.support.servers import Server

AGENTS: Final = "/api/v1/agents"
AGENT: Final = "achievement_system"
INPUT: Final = {"task_type": "draft_achievement", "sentence": "win 3 leads"}
ENDED: Final = ("succeeded", "failed", "cancelled")
LEASE_SECONDS: Final = "30"
"""A worker that loads the agents' libraries on a busy machine may well be silent for some seconds."""
PATIENCE_SECONDS: Final = 300
BOOKS: Final = """
    SELECT r.status, r.tries, r.reserved_tokens, s.tokens, s.cost_usd,
        (SELECT count(*) FROM agent_tool_calls c WHERE c.run_id = r.id) AS calls,
        (SELECT count(*) FROM agent_proposals p WHERE p.run_id = r.id) AS proposals,
        (SELECT count(*) FROM jobs.procrastinate_jobs j WHERE j.queue_name = 'agents') AS jobs
    FROM agent_runs r JOIN agent_spending s ON s.tenant_id = r.tenant_id AND s.day = r.reserved_on
    WHERE r.id = %s
"""


class Hanging:
    """A model that calls its tools and then, asked for words, says nothing until it may."""

    def __init__(self) -> None:
        self.may_speak = False
        self._is_asked = threading.Event()

    def __call__(self, asked: Asked, number: int) -> Reply:
        if "tools" in asked or self.may_speak:
            return helpful(asked, number)
        self._is_asked.set()
        return Silence()

    def await_question(self) -> None:
        """Wait until a run is in the middle: its tools have been called, and it waits for words."""
        assert self._is_asked.wait(PATIENCE_SECONDS)
        self._is_asked.clear()


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAiServer]:
    with serving() as server:
        yield server


@pytest.fixture
def hanging(model: OpenAiServer) -> Hanging:
    script = Hanging()
    model.script = script
    return script


@pytest.fixture(scope="module")
def server(model: OpenAiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that leaves the jobs to nobody: each test says who works on them."""
    value = Server(
        tmp_path_factory.mktemp("runs") / "data",
        BIZOSAAS_JOBS="0",
        BIZOSAAS_JOB_LEASE_SECONDS=LEASE_SECONDS,
        LLM_MODEL="openai/test",
        LLM_BASE_URL=model.url,
        LLM_PRICES='{"openai/test": ["1", "2"]}',
        LLM_EMBEDDED_FALLBACK="0",
    )
    yield value.start()
    value.stop()


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    """The administrator of Acme; the token outlives a restart."""
    with administrator(server) as client:
        yield client


def start(api: httpx.Client) -> str:
    answer = api.post(f"{AGENTS}/{AGENT}/runs", json={"input": INPUT}).raise_for_status()
    return str(answer.json()["run_id"])


def await_end(api: httpx.Client, run_id: str) -> dict[str, Any]:
    """Ask until the run has ended, as a caller does; give it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        run: dict[str, Any] = api.get(f"{AGENTS}/runs/{run_id}").raise_for_status().json()
        if run["status"] in ENDED:
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.3)


def books(server: Server, run_id: str) -> dict[str, Any]:
    """Give what is written down of the run, read as the superuser: past every policy and every view."""
    url = cluster.superuser_url(PostgresPaths.under(server.data_dir), "bizosaas").replace("+psycopg", "")
    with psycopg.connect(url, row_factory=dict_row) as connection:
        found = connection.execute(BOOKS, [run_id]).fetchone()
    assert found is not None
    return found


def books_at_the_end(server: Server, run_id: str) -> dict[str, Any]:
    """Give what is written down once the worker has put the job away: that comes after the run's own end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := books(server, run_id))["jobs"]:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def check_done_once(api: httpx.Client, server: Server, run: dict[str, Any], before: dict[str, Any]) -> None:
    """Check a run that was begun anew after the books looked like `before`, and has succeeded."""
    assert (run["status"], run["error"], run["engine"]) == ("succeeded", None, "openai/test")
    assert [call["tool"] for call in run["tool_calls"]] == ["draft_achievement"]
    assert len(run["proposals"]) == 1
    after = books_at_the_end(server, run["run_id"])
    assert (after["tries"], after["reserved_tokens"]) == (2, 0)
    assert (after["calls"], after["proposals"], after["jobs"]) == (1, 1, 0)
    # What the broken call had reserved counts as used, since the provider may have done it; the second try adds
    # what it has used, and no more.
    usage = run["usage"]
    assert after["tokens"] == before["tokens"] + usage["prompt_tokens"] + usage["completion_tokens"]
    assert after["cost_usd"] == before["cost_usd"] + Decimal(usage["cost_usd"])
    check_listed(api, run, after)


def check_listed(api: httpx.Client, run: dict[str, Any], after: dict[str, Any]) -> None:
    """Check that the list shows the run once, with its end, and the budget what the books say."""
    lines = [line for line in api.get(f"{AGENTS}/runs").json()["items"] if line["run_id"] == run["run_id"]]
    assert [(line["status"], line["finished_at"]) for line in lines] == [(run["status"], run["finished_at"])]
    proposals = [item for item in api.get(f"{AGENTS}/proposals").json()["items"] if item["run_id"] == run["run_id"]]
    assert [item["id"] for item in proposals] == run["proposals"]
    assert api.get(f"{AGENTS}/budget").json()["tokens_used"] == after["tokens"]


def is_asking(worker: subprocess.Popen[bytes], model: OpenAiServer) -> bool:
    """Say whether this process waits for the model."""
    found = psutil.Process(worker.pid).net_connections(kind="tcp")
    return any(one.raddr and one.raddr.port == model.server_address[1] for one in found)


def test_the_other_worker_does_a_dead_ones_run_anew_and_once(
    server: Server, api: httpx.Client, model: OpenAiServer, hanging: Hanging
) -> None:
    with server.another_worker() as one, server.another_worker() as other:
        run_id = start(api)
        hanging.await_question()
        before = books(server, run_id)
        assert (before["status"], before["tries"], before["calls"]) == ("running", 1, 1)
        assert before["reserved_tokens"] > 0
        (asking,) = [worker for worker in (one, other) if is_asking(worker, model)]
        hanging.may_speak = True
        asking.kill()
        check_done_once(api, server, await_end(api, run_id), before)


def test_a_run_that_a_power_cut_broke_off_is_done_anew_once_after_the_start(
    server: Server, api: httpx.Client, hanging: Hanging
) -> None:
    with server.another_worker() as worker:
        run_id = start(api)
        hanging.await_question()
        before = books(server, run_id)
        worker.kill()
        server.kill()
    hanging.may_speak = True
    server.start()
    with server.another_worker():
        check_done_once(api, server, await_end(api, run_id), before)


def test_a_run_that_breaks_off_twice_ends_as_interrupted_and_proposes_nothing(
    server: Server, api: httpx.Client, model: OpenAiServer, hanging: Hanging
) -> None:
    run_id = start(api)
    for number in (1, 2):
        with server.another_worker() as worker:
            hanging.await_question()
            before = books(server, run_id)
            assert (before["status"], before["tries"], before["calls"]) == ("running", number, 1)
            worker.kill()
    asked = len(model.asked)
    with server.another_worker():
        run = await_end(api, run_id)
        after = books_at_the_end(server, run_id)
    assert (run["status"], run["error"]["code"], run["proposals"]) == ("failed", "interrupted", [])
    assert len(model.asked) == asked
    assert after == {**before, "status": "failed", "reserved_tokens": 0, "jobs": 0}
    check_listed(api, run, after)
