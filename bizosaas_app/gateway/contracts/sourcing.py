"""Products, offers, price rules and their evaluation: what is asked for and answered."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from bizosaas_app.gateway.contracts.base import Command, CountedPage, Moment, Sort, SortedPaging, View, Words
from bizosaas_app.gateway.contracts.money import Amount, Currency, MoneyView
from bizosaas_app.gateway.contracts.text import Name

CustomsBasis = Literal["cif", "fob"]
MOST_PRODUCTS: Final = 500
HIGHEST_RATE: Final = Decimal(10) ** 6
_RATE_PLACES: Final = 8
_NUMBER: Final[dict[str, Any]] = {"anyOf": [{"type": "number"}, {"type": "string"}], "examples": ["0.92"]}


def _rate(value: object) -> Decimal:
    """Give an exchange rate as what was written; raises ValueError for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise ValueError("Use a number such as 0.92")
    try:
        rate = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("Use a number such as 0.92") from None
    if not rate.is_finite() or not 0 < rate <= HIGHEST_RATE:
        raise ValueError(f"Must be more than 0 and at most {HIGHEST_RATE:,f}")
    if rate != round(rate, _RATE_PLACES):
        raise ValueError(f"At most {_RATE_PLACES} decimals")
    return rate


Rate = Annotated[Decimal, PlainValidator(_rate), WithJsonSchema(_NUMBER)]
Rates = Annotated[dict[Currency, Rate], Field(max_length=200)]
"""The supplier's currency -> what one unit of it costs in one's own."""
Quantity = Annotated[int, Field(ge=1, le=10_000_000)]


class ListProducts(SortedPaging):
    """Which products: `q` is looked for in SKU, name and category."""

    sort: Sort = "sku"
    q: Words = ""
    category: Words | None = None


class ListOffers(SortedPaging):
    """Which offers: `q` is looked for in the supplier."""

    sort: Sort = "supplier"
    q: Words = ""
    product_id: UUID | None = None


class ProductView(View):
    """A product."""

    id: UUID
    sku: str
    name: str
    description: str
    category: str
    weight_kg: str | None
    created_at: Moment
    updated_at: Moment


class ProductPage(CountedPage[ProductView]):
    """Some of the products."""


class BreakView(View):
    """From so many units on, each costs this."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    begins: int = Field(alias="from")
    unit_price: str


class OfferView(View):
    """What a supplier asks; rates are percent, amounts in the supplier's currency."""

    id: UUID
    product_id: UUID
    sku: str
    supplier: str
    unit_price: MoneyView
    price_breaks: list[BreakView]
    freight: MoneyView
    order_fees: MoneyView
    duty_rate: str
    minimum_order: int
    lead_time_days: int | None
    defect_rate: str | None
    on_time_rate: str | None
    updated_at: Moment


class OfferPage(CountedPage[OfferView]):
    """Some of the offers."""


class TierBody(Command):
    """From this landed cost on, so many percent on top."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    begins: Amount = Field(alias="from")
    markup: Amount


class RuleBody(Command):
    """How a price follows from the landed cost; the floor is what must be earned on a unit at least."""

    tiers: list[TierBody] = Field(max_length=50)
    floor_amount: Amount = Decimal(0)
    floor_percent: Amount = Decimal(0)
    ending: Amount | None = None


class NamedRule(RuleBody):
    """A price rule to keep."""

    name: Name


class ChangeRule(Command):
    """Which price rule, and what it shall be."""

    rule_id: UUID
    rule: NamedRule


class ListRules(Command):
    """Asks for the price rules."""


class TierView(View):
    """From this landed cost on, so many percent on top."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    begins: str = Field(alias="from")
    markup: str


class RuleView(View):
    """A price rule, its amounts in the organisation's currency."""

    id: UUID
    name: str
    tiers: list[TierView]
    floor_amount: str
    floor_percent: str
    ending: str | None
    updated_at: Moment


class RulesView(View):
    """All price rules, by name."""

    items: list[RuleView]


class Evaluate(Command):
    """Which products to evaluate, and on what terms; a rule is one that is kept, or written out, or none."""

    product_ids: list[UUID] = Field(min_length=1, max_length=MOST_PRODUCTS)
    quantity: Quantity
    rates: Rates = Field(default_factory=dict)
    customs_basis: CustomsBasis = "cif"
    rule_id: UUID | None = None
    rule: RuleBody | None = None


class LandedView(View):
    """What a unit costs in one's own warehouse, by its parts, when `quantity` are ordered."""

    quantity: int
    price: MoneyView
    freight: MoneyView
    duty: MoneyView
    fees: MoneyView
    total: MoneyView


class SignalView(View):
    """A reason of the score: its points of 100 (null where nothing is known) and its weight."""

    key: str
    points: str | None
    weight: int
    detail: str


class PriceView(View):
    """The price by the rule: from which tier, the least that it may be, and whether that least decided."""

    price: MoneyView
    floor_price: MoneyView
    tier: TierView
    is_floor: bool
    margin_percent: str | None


class JudgedView(View):
    """An offer, judged."""

    offer: OfferView
    landed: LandedView
    score: str
    signals: list[SignalView]
    pricing: PriceView | None


class EvaluatedView(View):
    """A product with its offers, the best before the others."""

    product: ProductView
    offers: list[JudgedView]


class EvaluationView(View):
    """The products that were asked for, in their order."""

    currency: str
    items: list[EvaluatedView]
