"""A worker is killed between a network's answer and our commit: after the restart the post stands there once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import httpx
import psycopg
import pytest

from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from tests.support.results import administrator
from tests.support.servers import Server
from tests.support.social import program

API: Final = "/api/v1/social"
PATIENCE_SECONDS: Final = 300
_GATE: Final = 4711
CLOSE: Final = f"""
CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock({_GATE}); RETURN NEW; END $$;
CREATE TRIGGER gate BEFORE UPDATE ON social_posts FOR EACH ROW
    WHEN (NEW.state = 'done') EXECUTE FUNCTION wait_at_gate();
"""
"""Whoever writes down that a post is published waits, for as long as the test holds the lock."""
OPEN: Final = "DROP TRIGGER gate ON social_posts; DROP FUNCTION wait_at_gate()"
WAITING: Final = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s"
EVENTS: Final = (
    "SELECT count(*) FROM gamification_events WHERE type = 'social.posted' AND properties ->> 'post_id' = %s"
)


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    """The sandbox as a program of its own."""
    with program() as url:
        yield url


@pytest.fixture(scope="module")
def server(sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that leaves the jobs to nobody: each test says who works on them."""
    value = Server(
        tmp_path_factory.mktemp("posts") / "data",
        BIZOSAAS_JOBS="0",
        BIZOSAAS_JOB_LEASE_SECONDS="20",
        BIZOSAAS_OUTGOING_ALLOWED=sandbox_url.removeprefix("http://"),
    )
    yield value.start()
    value.stop()


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    """The administrator of Acme."""
    with administrator(server) as client:
        yield client


@pytest.mark.parametrize("network", ["mastodon", "bluesky", "x"])
def test_a_post_is_published_once_when_its_worker_is_killed_before_the_commit(
    server: Server, api: httpx.Client, sandbox_url: str, network: str
) -> None:
    with superuser(server) as database, superuser(server) as gate:
        database.execute(CLOSE)
        gate.execute("SELECT pg_advisory_lock(%s)", [_GATE])
        campaign = launch(api, sandbox_url, network)
        post_id = campaign["sheet"][0]["id"]
        with server.another_worker() as worker:
            await_true(lambda: database.execute(WAITING, [_GATE]).fetchone() == (1,))
            assert published(sandbox_url, network) == 1
            worker.kill()
            worker.wait()
        gate.execute("SELECT pg_advisory_unlock(%s)", [_GATE])
        database.execute(OPEN)
        assert state(api, campaign) == "running"
        database.execute(
            "UPDATE social_posts SET claimed_at = claimed_at - interval '4 minutes' WHERE id = %s", [post_id]
        )
        with server.another_worker():
            await_true(lambda: state(api, campaign) == "done")
        assert published(sandbox_url, network) == 1
        assert database.execute(EVENTS, [post_id]).fetchone() == (1,)


def launch(api: httpx.Client, sandbox_url: str, network: str) -> dict[str, Any]:
    account = {"network": network, "handle": "ada", "secret": "sandbox-ada", "base_url": sandbox_url}
    connected = api.post(f"{API}/accounts", json=account).raise_for_status().json()
    post = {"account_id": connected["id"], "text": f"Once on {network}", "scheduled_at": datetime.now(UTC).isoformat()}
    body = {"draft_id": str(uuid4()), "name": "Killed", "posts": [post]}
    campaign: dict[str, Any] = api.post(f"{API}/campaigns", json=body).raise_for_status().json()
    return campaign


def state(api: httpx.Client, campaign: dict[str, Any]) -> str:
    view = api.get(f"{API}/campaigns/{campaign['id']}").raise_for_status().json()
    return str(view["sheet"][0]["state"])


def published(sandbox_url: str, network: str) -> int:
    posts = httpx.get(f"{sandbox_url}/sandbox/posts").json()["posts"]
    return [post["network"] for post in posts].count(network)


def superuser(server: Server) -> psycopg.Connection[Any]:
    url = cluster.superuser_url(PostgresPaths.under(server.data_dir), "bizosaas").replace("+psycopg", "")
    return psycopg.connect(url, autocommit=True)


def await_true(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)
