"""A shop with a GraphQL API behind the gateway: queries, changes, and whose credentials it gets."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bizosaas_app.gateway import systems
from bizosaas_app.gateway.contracts.systems import ListProducts
from tests.support.upstreams import ADMIN, Front, gateway
from tests.support.world import World
from tests.upstreams.shops import connect, serving

PRODUCTS = """
query($first: Int!, $after: String) { products(first: $first, after: $after) {
  edges { node { id name slug } } pageInfo { hasNextPage endCursor } totalCount } }
"""
UPDATE = """
mutation($id: ID!, $input: ProductInput!) { productUpdate(id: $id, input: $input) {
  product { id name } errors { field code } } }
"""


@pytest.fixture
async def front(world: World, shop_url: str) -> AsyncIterator[Front]:
    async with gateway(world, ecommerce_url=shop_url) as value:
        yield value


async def ask(front: Front, query: str, **variables: Any) -> httpx.Response:
    return await front.client.post("/ecommerce/graphql/", json={"query": query, "variables": variables})


async def test_every_product_is_read_page_by_page(front: Front) -> None:
    found: list[str] = []
    after = None
    while True:
        page = (await ask(front, PRODUCTS, first=20, after=after)).json()["data"]["products"]
        found += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == [f"Mug {number}" for number in range(1, 51)]


async def test_the_platform_reads_its_products_page_by_page(front: Front) -> None:
    actor = await front.world.actor(ADMIN)
    found: list[str] = []
    cursor = None
    while cursor is not None or not found:
        page = await systems.list_products(actor, ListProducts(limit=20, cursor=cursor, channel="default-channel"))
        assert page.total == 50
        found += [item.slug for item in page.items]
        cursor = page.next_cursor
    assert found == [f"mug-{number}" for number in range(1, 51)]


async def test_the_shop_is_told_whose_request_it_is(front: Front) -> None:
    named = {"X-Tenant-ID": str(front.world.tenants["globex"])}
    given = await front.client.post("/ecommerce/graphql/", json={"query": "{ shop { servedFor } }"}, headers=named)
    assert given.json()["data"]["shop"]["servedFor"] == str(front.world.tenants["acme-corp"])


async def test_a_change_is_made_with_the_operators_token_only(front: Front) -> None:
    change = {"id": "1", "input": {"name": "Mug, white"}}
    refused = (await ask(front, UPDATE, **change)).json()
    assert "MANAGE_PRODUCTS" in refused["errors"][0]["message"]
    await connect(front.world)
    async with gateway(front.world, ecommerce_url=front.world.resources.settings.ecommerce_url) as again:
        made = (await ask(again, UPDATE, **change)).json()["data"]["productUpdate"]
        unknown = (await ask(again, UPDATE, id="99", input={})).json()["data"]["productUpdate"]
    assert made == {"product": {"id": "1", "name": "Mug, white"}, "errors": []}
    assert unknown == {"product": None, "errors": [{"field": "id", "code": "NOT_FOUND"}]}


async def test_what_the_shop_does_not_understand_is_its_own_400(front: Front) -> None:
    given = await ask(front, "{ nonsense }")
    assert (given.status_code, "errors" in given.json()) == (400, True)
    assert (await ask(front, "{" * 500)).status_code == 400


async def test_its_playground_cannot_run_on_our_origin(front: Front) -> None:
    given = await front.get("/ecommerce/graphql/", headers={"Accept": "text/html"})
    assert given.status_code == 200
    assert given.headers["content-disposition"] == "attachment"
    assert "sandbox" in given.headers["content-security-policy"]


async def test_a_shop_that_hangs_and_comes_back(world: World, tmp_path: Path) -> None:
    with serving(tmp_path / "other") as (process, url):
        async with gateway(world, ecommerce_url=url, upstream_first_byte_seconds=3) as front:
            process.send_signal(signal.SIGSTOP)
            assert (await ask(front, "{ shop { name } }")).json()["code"] == "upstream_timeout"
            process.send_signal(signal.SIGCONT)
            assert (await ask(front, "{ shop { name } }")).json()["data"] == {"shop": {"name": "Mugs"}}
