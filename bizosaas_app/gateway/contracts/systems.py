"""What the connected systems hold, as far as the platform itself reads it, and how a page of it is asked for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from bizosaas_app.gateway.contracts.base import Moment, Paging, View, Words

Channel = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,250}$")]
"""A sales channel's slug."""


class ListContacts(Paging):
    """Which page of the CRM's contacts, the newest first; `search` is looked for in name, e-mail and telephone."""

    limit: int = Field(50, ge=1, le=100)
    search: Words = ""


class ListDeals(Paging):
    """Which page of the CRM's deals."""

    limit: int = Field(50, ge=1, le=100)
    search: Words = ""
    is_open: bool = False
    """Only those that are neither won nor lost."""


class ListPages(Paging):
    """Which page of the list of the CMS's published pages."""

    limit: int = Field(20, ge=1, le=20)
    """The CMS gives no more at once unless it is set up to."""


class ListProducts(Paging):
    """Which page of the shop's products."""

    limit: int = Field(50, ge=1, le=100)
    channel: Channel | None = None
    """A shop that sells by channels shows whoever is not of its staff only those of one."""


class ListVariants(ListProducts):
    """Which page of what the shop keeps stock of; `search` is looked for in names and SKUs."""

    search: Words = ""


class Contact(View):
    """A person whom the CRM knows."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    organization: str | None = None
    title: str | None = None
    is_active: bool = True
    created_at: Moment | None = None


class Deal(View):
    """A sale that the CRM follows."""

    id: str
    name: str
    stage: str
    stage_label: str | None = None
    stage_kind: str | None = None
    """`open`, `won` or `lost`, where the CRM tells it."""
    amount: Decimal | None = Field(None, allow_inf_nan=False)
    currency: str | None = None
    probability: int | None = None
    """In percent."""
    closed_on: date | None = None
    account: str | None = None
    """The company's name."""
    created_at: Moment | None = None


class CmsPage(View):
    """A published page."""

    id: int
    title: str
    kind: str
    """The type of page, such as `blog.BlogPage`."""
    slug: str | None = None
    url: str | None = None
    published_at: Moment | None = None


class ShopProduct(View):
    """A product that the shop sells."""

    id: str
    name: str
    slug: str
    description: str | None = None


class ShopVariant(View):
    """A product as it is bought and kept in stock: one of its sizes or colours, or the whole of it."""

    id: str
    sku: str | None = None
    name: str
    description: str = ""
    """Plain text; paragraphs are lines."""
    category: str = ""
    weight_kg: Decimal | None = None
    cost: Decimal | None = None
    """What one unit costs the shop itself; None where it keeps no cost for the channel."""
    currency: str | None = None
