"""The assortment: what is asked for and answered."""

from __future__ import annotations

from typing import Literal

from bizosaas_app.gateway.contracts.base import CountedPage, Sort, SortedPaging, View, Words
from bizosaas_app.gateway.contracts.publications import PublicationView
from bizosaas_app.gateway.contracts.sourcing import ProductView

Standing = Literal["unpublished", "pending", "running", "done", "failed"]


class ListAssortment(SortedPaging):
    """Which products: `q` is looked for in SKU, name and category; `state` is that of the latest publication."""

    sort: Sort = "sku"
    q: Words = ""
    state: Standing | None = None


class AssortmentLine(View):
    """A product, how many suppliers offer it, and what was last asked to be published of it, null for nothing."""

    product: ProductView
    offers: int
    latest: PublicationView | None


class AssortmentPage(CountedPage[AssortmentLine]):
    """Some of the products."""
