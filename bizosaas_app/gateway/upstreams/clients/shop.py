"""The shop's products, by a GraphQL API in the shape of Saleor's; it is at `/graphql/` below `ECOMMERCE_URL`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Generic, Literal, TypeVar

from pydantic import Field

from bizosaas_app.gateway.contracts.base import CountedPage
from bizosaas_app.gateway.contracts.systems import ListProducts, ListVariants, ShopProduct, ShopVariant
from bizosaas_app.gateway.upstreams.clients import editor_text
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

_VARIANTS: Final = """
query Variants($first: Int!, $after: String, $channel: String, $filter: ProductVariantFilterInput) {
  productVariants(first: $first, after: $after, channel: $channel, filter: $filter) {
    edges { node {
      id sku name
      weight { unit value }
      channelListings { channel { slug } costPrice { currency amount } }
      product { name description category { name } }
    } }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}
"""
"""Costs are told only to a token of the shop's staff or apps."""
_KILOGRAMS: Final = {
    "KG": Decimal(1),
    "G": Decimal("0.001"),
    "TONNE": Decimal(1000),
    "LB": Decimal("0.45359237"),
    "OZ": Decimal("0.028349523125"),
}
"""Of one unit; pound and ounce by the international agreement of 1959."""
_GRAM_TENTH: Final = Decimal("0.0001")

N = TypeVar("N")
V = TypeVar("V", ShopProduct, ShopVariant)


class _Edge(Told, Generic[N]):
    node: N


class _PageInfo(Told):
    has_next_page: bool = Field(alias="hasNextPage")
    end_cursor: str | None = Field(None, alias="endCursor")


class _Connection(Told, Generic[N]):
    edges: list[_Edge[N]]
    page_info: _PageInfo = Field(alias="pageInfo")
    total_count: int = Field(alias="totalCount")


class _Weight(Told):
    unit: Literal["KG", "G", "TONNE", "LB", "OZ"]
    value: Decimal


class _Named(Told):
    name: str


class _Channel(Told):
    slug: str


class _Money(Told):
    currency: str
    amount: Decimal


class _Listing(Told):
    channel: _Channel
    cost_price: _Money | None = Field(None, alias="costPrice")


class _Product(Told):
    name: str
    description: str | None = None
    category: _Named | None = None


class _Variant(Told):
    id: str
    sku: str | None = None
    name: str
    weight: _Weight | None = None
    listings: list[_Listing] | None = Field(None, alias="channelListings")
    product: _Product


class _Data(Told):
    products: _Connection[ShopProduct] | None = None
    variants: _Connection[_Variant] | None = Field(None, alias="productVariants")


class _Answer(Told):
    data: _Data | None = None
    errors: list[dict[str, Any]] = Field(default_factory=list)


async def products(actor: Actor, asked: ListProducts) -> CountedPage[ShopProduct]:
    """Give a page of the shop's products; raises `Unavailable` or `UpstreamFailed`."""
    found = (await _ask(actor, _PRODUCTS, _variables(asked))).products
    return _page(found, [edge.node for edge in found.edges] if found else [])


async def variants(actor: Actor, asked: ListVariants) -> CountedPage[ShopVariant]:
    """Give a page of what the shop keeps stock of, with what it costs in the channel; raises as `products` does."""
    search = {"filter": {"search": asked.search} if asked.search else None}
    found = (await _ask(actor, _VARIANTS, _variables(asked) | search)).variants
    return _page(found, [_variant(edge.node, asked.channel) for edge in found.edges] if found else [])


def _variables(asked: ListProducts) -> dict[str, Any]:
    return {"first": asked.limit, "after": asked.cursor, "channel": asked.channel}


async def _ask(actor: Actor, query: str, variables: Mapping[str, Any]) -> _Data:
    told = await post(actor, UPSTREAM, "/graphql/", {"query": query, "variables": variables}, _Answer)
    if told.errors:
        # What they say is the shop's; it may quote what is not for whoever asks.
        raise UpstreamRefused(f"{UpstreamRefused.title} (GraphQL, {len(told.errors)} errors)")
    return told.data or _Data()


def _page(found: _Connection[Any] | None, items: list[V]) -> CountedPage[V]:
    if found is None:
        raise UpstreamStrange(f"{UpstreamStrange.title}: there are no products in it")
    after = found.page_info.end_cursor if found.page_info.has_next_page else None
    return CountedPage[V](items=items, next_cursor=after, total=found.total_count)


def _variant(told: _Variant, channel: str | None) -> ShopVariant:
    costs = [item.cost_price for item in told.listings or () if channel in (None, item.channel.slug)]
    cost = next((item for item in costs if item is not None), None)
    return ShopVariant(
        id=told.id,
        sku=told.sku,
        name=_name(told),
        description=editor_text.plain(told.product.description or ""),
        category=told.product.category.name if told.product.category else "",
        weight_kg=(told.weight.value * _KILOGRAMS[told.weight.unit]).quantize(_GRAM_TENTH) if told.weight else None,
        cost=cost.amount if cost else None,
        currency=cost.currency if cost else None,
    )


def _name(told: _Variant) -> str:
    """Give the product's name, with the variant's own where it says more; the shop puts id or SKU where it has none."""
    product, own = told.product.name, told.name
    return product if own in ("", product, told.id, told.sku) else f"{product}, {own}"
