"""The whole application as it is served, with a shop connected: pages' framework, guard and all between the two."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.servers import Server, free_port
from tests.upstreams.environments import program


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port, folder = free_port(), tmp_path_factory.mktemp("served")
    shop = program("shop", folder / "shop", SHOP_TOKEN="unused")
    command = ("uvicorn", "shop_schema:app", "--app-dir", str(Path(__file__).parent), "--port", str(port))
    with shop.serving(*command, url=f"http://127.0.0.1:{port}/graphql/"):
        value = Server(
            folder / "data", ECOMMERCE_URL=f"http://127.0.0.1:{port}", CMS_URL=f"http://127.0.0.1:{free_port()}"
        )
        yield value.start()
        value.stop()


def signed_in(server: Server, email: str) -> httpx.Client:
    account = {"email": email, "password": "Demo-2026-pass!"}
    answer = httpx.post(f"{server.url}/api/v1/auth/login", json=account, timeout=60).raise_for_status()
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60)


def test_the_connected_shop_answers_through_the_served_application(server: Server) -> None:
    with signed_in(server, "admin@acme.demo") as client:
        given = client.post("/ecommerce/graphql/", json={"query": "{ shop { name servedFor } }"})
        tenant_id = client.get("/auth/me").json()["user"]["tenant_id"]
    assert given.json()["data"]["shop"] == {"name": "Mugs", "servedFor": tenant_id}
    assert given.headers["x-content-type-options"] == "nosniff"


def test_each_kind_of_absence_is_told_apart(server: Server) -> None:
    with signed_in(server, "admin@acme.demo") as client:
        given = [client.get(path) for path in ("/crm/x", "/cms/x")]
        assert [item.json()["code"] for item in given] == ["upstream_not_configured", "upstream_failed"]
        health = httpx.get(f"{server.url}/health", timeout=30)
    assert health.status_code == 200
    services = health.json()["services"]
    assert "upstream_crm" not in services
    assert services["upstream_cms"]["status"] == "degraded"
    assert services["upstream_ecommerce"]["status"] == "ok"


def test_a_page_of_ours_needs_its_csrf_proof_for_a_change(server: Server) -> None:
    account = {"email": "admin@globex.demo", "password": "Demo-2026-pass!"}
    with httpx.Client(base_url=server.url, timeout=60) as browser:
        browser.post("/api/v1/auth/login", json=account).raise_for_status()
        query = {"query": "{ shop { name } }"}
        refused = browser.post("/api/v1/ecommerce/graphql/", json=query, headers={"Origin": server.url})
        proof = {"Origin": server.url, "X-CSRF-Token": browser.cookies["bz_csrf"]}
        given = browser.post("/api/v1/ecommerce/graphql/", json=query, headers=proof)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert json.loads(given.content) == {"data": {"shop": {"name": "Mugs"}}}


def test_a_member_reads_nothing(server: Server) -> None:
    with signed_in(server, "client@acme.demo") as client:
        assert client.get("/ecommerce/graphql/").status_code == 403
