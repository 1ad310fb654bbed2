"""Power cuts around publishing: between launch and delivery, and after the shop took a product. Each arrives once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import httpx
import psycopg
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server as Granian

from bizosaas_app.kernel.embedded import cluster
from bizosaas_app.kernel.embedded.cluster import PostgresPaths
from bizosaas_app.sandboxes.shop import Shop
from tests.support.results import administrator
from tests.support.servers import Server, free_port
from tests.support.sourcing import csv_of, row

SOURCING: Final = "/api/v1/sourcing"
PATIENCE_SECONDS: Final = 300
SKUS: Final = [f"MUG-{number}" for number in range(6)]


class Street:
    """The sandbox's shop on a real port, in a thread of its own."""

    def __init__(self) -> None:
        self.shop, self.port = Shop(), free_port()
        self._loop = asyncio.new_event_loop()
        self._server = Granian(self.shop, address="127.0.0.1", port=self.port, interface=Interfaces.ASGI)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def open(self) -> Street:
        self._thread.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/products", timeout=5)
            except httpx.HTTPError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            else:
                return self

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(10)

    def fall_silent(self) -> None:
        """Take what comes, and leave it without an answer."""
        self._loop.call_soon_threadsafe(self.shop.may_answer.clear)

    def answer_again(self) -> None:
        self._loop.call_soon_threadsafe(self.shop.may_answer.set)

    def await_delivery(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.shop.deliveries:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve())


@pytest.fixture
def street() -> Iterator[Street]:
    value = Street().open()
    yield value
    value.close()


@pytest.fixture
def server(street: Street, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that leaves the jobs to nobody: each test says who works on them."""
    value = Server(
        tmp_path_factory.mktemp("shop") / "data",
        BIZOSAAS_JOBS="0",
        BIZOSAAS_JOB_LEASE_SECONDS="20",
        ECOMMERCE_URL=f"http://127.0.0.1:{street.port}",
    )
    yield value.start()
    value.stop()


def wish(api: httpx.Client) -> dict[str, Any]:
    """Import some products; give what publishes all of these, and none that were there before."""
    content = csv_of([row(sku=sku) for sku in SKUS])
    api.post(f"{SOURCING}/imports", content=content, headers={"Content-Type": "text/csv"}).raise_for_status()
    products = api.get(f"{SOURCING}/products").json()["items"]
    listings = [{"product_id": item["id"]} for item in products if item["sku"] in SKUS]
    rule = {"tiers": [{"from": 0, "markup": 100}]}
    return {"draft_id": str(uuid4()), "title": "Spring", "quantity": 100, "rule": rule, "listings": listings}


def await_end(api: httpx.Client, sourcing_id: str) -> dict[str, int]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        view = api.get(f"{SOURCING}/completed/{sourcing_id}").raise_for_status().json()
        if not view["pending"] + view["running"]:
            return {state: view[state] for state in ("done", "failed")}
        assert time.monotonic() < deadline, view
        time.sleep(0.5)


def execute(server: Server, statement: str) -> list[Any]:
    """Run SQL as the superuser: past every policy."""
    url = cluster.superuser_url(PostgresPaths.under(server.data_dir), "bizosaas").replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def told(server: Server) -> Counter[str]:
    """How often the ledger tells of each."""
    types = "('sourcing.completed', 'product.published')"
    query = f"SELECT type, count(*) FROM gamification_events WHERE type IN {types} GROUP BY type"  # noqa: S608
    return Counter(dict(execute(server, query)))


def test_a_power_cut_between_launch_and_delivery_loses_no_product_and_doubles_none(
    server: Server, street: Street
) -> None:
    before = told(server)
    with administrator(server) as api:
        wanted = wish(api)
        launched = api.post(f"{SOURCING}/publish", json=wanted).raise_for_status().json()
        server.kill()
        assert street.shop.deliveries == []
        server.start()
        assert api.post(f"{SOURCING}/publish", json=wanted).json()["id"] == launched["id"]
        with server.another_worker():
            assert await_end(api, launched["id"]) == {"done": len(SKUS), "failed": 0}
    assert sorted(sku for _, sku in street.shop.deliveries) == SKUS
    assert told(server) - before == {"sourcing.completed": 1, "product.published": len(SKUS)}


def test_a_worker_killed_after_the_shop_took_a_product_leaves_it_there_once(server: Server, street: Street) -> None:
    before = told(server)
    with administrator(server) as api:
        launched = api.post(f"{SOURCING}/publish", json=wish(api)).raise_for_status().json()
        street.fall_silent()
        with server.another_worker():
            street.await_delivery()
        assert api.get(f"{SOURCING}/publications?state=running").json()["total"] == 1
        street.answer_again()
        # What would happen two minutes later, when the dead worker's claim has run out.
        execute(server, "UPDATE product_publications SET next_at = now() WHERE state = 'running'")
        with server.another_worker():
            assert await_end(api, launched["id"]) == {"done": len(SKUS), "failed": 0}
    assert sorted(sku for _, sku in street.shop.deliveries) == SKUS
    assert told(server) - before == {"sourcing.completed": 1, "product.published": len(SKUS)}
