"""A shop with a GraphQL API in the shape of Saleor's public schema, in memory; runs in an environment of its own.

Reads are open; a change needs the shop's token. `shop.servedFor` tells which tenant the request named.
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
}
type Mutation { productUpdate(id: ID!, input: ProductInput!): ProductUpdate! }
type Shop { name: String!, servedFor: String }
type Product { id: ID!, name: String!, slug: String!, description: String }
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

query, mutation, shop = QueryType(), MutationType(), ObjectType("Shop")


@query.field("shop")
def read_shop(*_: Any) -> dict[str, str]:
    return {"name": "Mugs"}


@shop.field("servedFor")
def served_for(_: Any, info: Any) -> str | None:
    tenant: str | None = info.context["request"].headers.get("x-tenant-id")
    return tenant


@query.field("products")
def products(*_: Any, first: int = 20, after: str | None = None, channel: str | None = None) -> dict[str, Any]:
    start = int(after) if after else 0
    found = list(PRODUCTS.values())[start : start + first]
    end = start + len(found)
    return {
        "edges": [{"node": item, "cursor": str(start + place)} for place, item in enumerate(found, start=1)],
        "pageInfo": {"hasNextPage": end < len(PRODUCTS), "endCursor": str(end)},
        "totalCount": len(PRODUCTS),
    }


@query.field("product")
def product(*_: Any, id: str) -> dict[str, str] | None:
    return PRODUCTS.get(id)


@mutation.field("productUpdate")
def update(_: Any, info: Any, id: str, input: dict[str, str]) -> dict[str, Any]:
    if info.context["request"].headers.get("authorization") != f"Bearer {os.environ['SHOP_TOKEN']}":
        raise PermissionError("You need one of the following permissions: MANAGE_PRODUCTS")
    if id not in PRODUCTS:
        return {"product": None, "errors": [{"field": "id", "message": "No such product", "code": "NOT_FOUND"}]}
    PRODUCTS[id].update(input)
    return {"product": PRODUCTS[id], "errors": []}


app = Starlette(routes=[Mount("/graphql/", GraphQL(make_executable_schema(SCHEMA, query, mutation, shop)))])
