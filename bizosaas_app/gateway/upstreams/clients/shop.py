"""The shop's products, by a GraphQL API in the shape of Saleor's; it is at `/graphql/` below `ECOMMERCE_URL`."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from bizosaas_app.gateway.contracts.base import CountedPage
from bizosaas_app.gateway.contracts.systems import ListProducts, ShopProduct
from bizosaas_app.gateway.upstreams.clients.asking import Told, post
from bizosaas_app.gateway.upstreams.faults import UpstreamRefused, UpstreamStrange
from bizosaas_app.kernel.actor import Actor

UPSTREAM: Final = "ecommerce"
_PRODUCTS: Final = """
query Products($first: Int!, $after: String, $channel: String) {
  products(first: $first, after: $after, channel: $channel) {
    edges { node { id name slug description } }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}
"""


class _Edge(Told):
    node: ShopProduct


class _PageInfo(Told):
    has_next_page: bool = Field(alias="hasNextPage")
    end_cursor: str | None = Field(None, alias="endCursor")


class _Products(Told):
    edges: list[_Edge]
    page_info: _PageInfo = Field(alias="pageInfo")
    total_count: int = Field(alias="totalCount")


class _Data(Told):
    products: _Products | None = None


class _Answer(Told):
    data: _Data | None = None
    errors: list[dict[str, Any]] = Field(default_factory=list)


async def products(actor: Actor, asked: ListProducts) -> CountedPage[ShopProduct]:
    """Give a page of the shop's products; raises `Unavailable` or `UpstreamFailed`."""
    variables = {"first": asked.limit, "after": asked.cursor, "channel": asked.channel}
    document = {"query": _PRODUCTS, "variables": variables}
    told = await post(actor, UPSTREAM, "/graphql/", document, _Answer)
    if told.errors:
        # What they say is the shop's; it may quote what is not for whoever asks.
        raise UpstreamRefused(f"{UpstreamRefused.title} (GraphQL, {len(told.errors)} errors)")
    if told.data is None or told.data.products is None:
        raise UpstreamStrange(f"{UpstreamStrange.title}: there are no products in it")
    found = told.data.products
    after = found.page_info.end_cursor if found.page_info.has_next_page else None
    items = [edge.node for edge in found.edges]
    return CountedPage[ShopProduct](items=items, next_cursor=after, total=found.total_count)
