"""Publishing products: what a finished sourcing asks for, and how far each product is on its way to the shop."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words
from bizosaas_app.gateway.contracts.money import Amount, MoneyView
from bizosaas_app.gateway.contracts.sourcing import MOST_PRODUCTS, CustomsBasis, Quantity, Rates, RuleBody, TierView
from bizosaas_app.gateway.contracts.text import Name, one_line, paragraphs

State = Literal["pending", "running", "done", "failed"]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=150), AfterValidator(one_line)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(paragraphs)]
Keyword = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), AfterValidator(one_line)
]


class ListingBody(Command):
    """A product to publish. Without an offer it is the best one's; without a title, a description or a price it has
    the product's own and the rule's."""

    product_id: UUID
    offer_id: UUID | None = None
    title: Title = ""
    description: Description = ""
    keywords: list[Keyword] = Field(default_factory=list, max_length=20)
    price: Amount | None = None


class Publish(Command):
    """A finished sourcing. `draft_id` is made by the caller: sent again, it changes nothing."""

    draft_id: UUID
    title: Name
    quantity: Quantity
    rates: Rates = Field(default_factory=dict)
    customs_basis: CustomsBasis = "cif"
    rule_id: UUID | None = None
    rule: RuleBody | None = None
    listings: list[ListingBody] = Field(min_length=1, max_length=MOST_PRODUCTS)


class ListSourcings(SortedPaging):
    """Which page of the finished sourcings."""

    sort: Sort = "-created_at"


class SourcingId(Command):
    """Which finished sourcing."""

    sourcing_id: UUID


class ListPublications(SortedPaging):
    """Which publications: of one sourcing or all, in one state or any."""

    sort: Sort = "-created_at"
    sourcing_id: UUID | None = None
    state: State | None = None


class PublicationId(Command):
    """Which publication."""

    publication_id: UUID


class ListCatalogue(SortedPaging):
    """Which products of our own catalogue: `q` is looked for in SKU and title."""

    sort: Sort = "sku"
    q: Words = ""


class UsedRuleView(View):
    """The price rule as it was then."""

    tiers: list[TierView]
    floor_amount: str
    floor_percent: str
    ending: str | None


class SourcingView(View):
    """A finished sourcing, and how many of its products are in each state."""

    id: UUID
    draft_id: UUID
    title: str
    quantity: int
    currency: str
    customs_basis: CustomsBasis
    rates: dict[str, str]
    rule: UsedRuleView
    pending: int
    running: int
    done: int
    failed: int
    created_at: Moment


class SourcingPage(CountedPage[SourcingView]):
    """Some of the finished sourcings."""


class PublicationView(View):
    """A product on its way to the shop. `failure` says why the last try failed, `next_at` when the next one is."""

    id: UUID
    sourcing_id: UUID
    product_id: UUID
    sku: str
    supplier: str
    title: str
    description: str
    keywords: list[str]
    price: MoneyView
    landed_cost: MoneyView
    floor_price: MoneyView
    margin_percent: str | None
    state: State
    destination: Literal["catalogue", "shop"]
    attempts: int
    next_at: Moment | None
    failure: str | None
    external_id: str | None
    created_at: Moment
    published_at: Moment | None


class PublicationPage(CountedPage[PublicationView]):
    """Some of the publications."""


class CatalogueItemView(View):
    """A product as our own catalogue shows it."""

    product_id: UUID
    publication_id: UUID
    sku: str
    title: str
    description: str
    keywords: list[str]
    price: MoneyView
    published_at: Moment


class CataloguePage(CountedPage[CatalogueItemView]):
    """Some of the catalogue."""
