"""A shop with a GraphQL API in the shape of Saleor's public schema, in memory; runs in an environment of its own.

Reads are open but for costs; these, and a change, need the shop's token. `shop.servedFor` tells which tenant the
request named.
"""

from __future__ import annotations

import os
from typing import Any

from ariadne import MutationType, ObjectType, QueryType, make_executable_schema
from ariadne.asgi import GraphQL
from starlette.applications import Starlette
from starlette.routing import Mount

SCHEMA = """
type Query {
  shop: Shop!
  products(first: Int = 20, after: String, channel: String): ProductCountableConnection!
  product(id: ID!): Product
  productVariants(
    first: Int = 20, after: String, channel: String, filter: ProductVariantFilterInput
  ): ProductVariantCountableConnection!
}
input ProductVariantFilterInput { search: String }
type Mutation { productUpdate(id: ID!, input: ProductInput!): ProductUpdate! }
type Shop { name: String!, servedFor: String }
type Product { id: ID!, name: String!, slug: String!, description: String, category: Category }
type Category { name: String! }
type ProductVariant {
  id: ID!, name: String!, sku: String, product: Product!, weight: Weight
  channelListings: [ProductVariantChannelListing!]
}
enum WeightUnitsEnum { KG LB OZ G TONNE }
type Weight { unit: WeightUnitsEnum!, value: Float! }
type ProductVariantChannelListing { channel: Channel!, costPrice: Money }
type Channel { slug: String! }
type Money { currency: String!, amount: Float! }
type ProductVariantCountableEdge { node: ProductVariant!, cursor: String! }
type ProductVariantCountableConnection {
  edges: [ProductVariantCountableEdge!]!, pageInfo: PageInfo!, totalCount: Int
}
type ProductCountableEdge { node: Product!, cursor: String! }
type PageInfo { hasNextPage: Boolean!, endCursor: String }
type ProductCountableConnection { edges: [ProductCountableEdge!]!, pageInfo: PageInfo!, totalCount: Int! }
type ProductUpdate { product: Product, errors: [ProductError!]! }
type ProductError { field: String, message: String, code: String! }
input ProductInput { name: String, description: String }
"""

PRODUCTS = {
    str(number): {"id": str(number), "name": f"Mug {number}", "slug": f"mug-{number}"} for number in range(1, 51)
}

TEXT = '{"blocks": [{"type": "paragraph", "data": {"text": "Oak, <b>oiled</b> &amp; sanded."}}]}'
BOARD = {"id": "60", "name": "Bread board", "slug": "bread-board", "description": TEXT, "category": {"name": "Boards"}}
SPOON = {"id": "61", "name": "Spoon", "slug": "spoon", "description": None, "category": None}
VARIANTS: list[dict[str, Any]] = [
    *(
        {"id": f"v{number}", "sku": f"MUG-{number}", "name": f"MUG-{number}", "product": item, "cost": 4.25}
        for number, item in PRODUCTS.items()
    ),
    *(
        {"id": f"w{number}", "sku": f"SPOON-{number}", "name": f"Size {number}", "product": SPOON, "cost": 0.3}
        for number in range(1, 101)
    ),
    {
        "id": "v60",
        "sku": "BOARD-L",
        "name": "Large",
        "product": BOARD,
        "weight": {"unit": "LB", "value": 2},
        "cost": 7.5,
    },
    {"id": "v61", "sku": "BOARD-S", "name": "Small", "product": BOARD, "cost": None},
    {"id": "v62", "sku": None, "name": "Sample", "product": BOARD, "cost": 1},
]
"""Costs are kept for one channel, `default-channel`; a second one knows none."""

query, mutation, shop, variant = QueryType(), MutationType(), ObjectType("Shop"), ObjectType("ProductVariant")


@query.field("shop")
def read_shop(*_: Any) -> dict[str, str]:
    return {"name": "Mugs"}


@shop.field("servedFor")
def served_for(_: Any, info: Any) -> str | None:
    tenant: str | None = info.context["request"].headers.get("x-tenant-id")
    return tenant


@query.field("products")
def products(*_: Any, first: int = 20, after: str | None = None, channel: str | None = None) -> dict[str, Any]:
    return connection(list(PRODUCTS.values()), first, after)


@query.field("productVariants")
def variants(
    *_: Any, first: int = 20, after: str | None = None, channel: str | None = None, filter: dict[str, str] | None = None
) -> dict[str, Any]:
    search = ((filter or {}).get("search") or "").lower()
    found = [item for item in VARIANTS if search in f"{item['product']['name']} {item['sku']}".lower()]
    return connection(found, first, after)


@variant.field("channelListings")
def listings(item: dict[str, Any], info: Any) -> list[dict[str, Any]]:
    refuse_strangers(info)
    cost = {"currency": "EUR", "amount": item["cost"]} if item["cost"] is not None else None
    return [
        {"channel": {"slug": "second-channel"}, "costPrice": None},
        {"channel": {"slug": "default-channel"}, "costPrice": cost},
    ]


def connection(items: list[dict[str, Any]], first: int, after: str | None) -> dict[str, Any]:
    start = int(after) if after else 0
    found = items[start : start + first]
    end = start + len(found)
    return {
        "edges": [{"node": item, "cursor": str(start + place)} for place, item in enumerate(found, start=1)],
        "pageInfo": {"hasNextPage": end < len(items), "endCursor": str(end)},
        "totalCount": len(items),
    }


def refuse_strangers(info: Any) -> None:
    if info.context["request"].headers.get("authorization") != f"Bearer {os.environ['SHOP_TOKEN']}":
        raise PermissionError("You need one of the following permissions: MANAGE_PRODUCTS")


@query.field("product")
def product(*_: Any, id: str) -> dict[str, str] | None:
    return PRODUCTS.get(id)


@mutation.field("productUpdate")
def update(_: Any, info: Any, id: str, input: dict[str, str]) -> dict[str, Any]:
    refuse_strangers(info)
    if id not in PRODUCTS:
        return {"product": None, "errors": [{"field": "id", "message": "No such product", "code": "NOT_FOUND"}]}
    PRODUCTS[id].update(input)
    return {"product": PRODUCTS[id], "errors": []}


app = Starlette(routes=[Mount("/graphql/", GraphQL(make_executable_schema(SCHEMA, query, mutation, shop, variant)))])
