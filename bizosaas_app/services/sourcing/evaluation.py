"""Evaluation: what each offer of a product lands at, what it would sell for, and which offer is the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.sourcing import landed, pricing, scores
from bizosaas_app.services.sourcing.landed import CustomsBasis, Landed, Terms
from bizosaas_app.services.sourcing.pricing import Priced, Rule
from bizosaas_app.services.sourcing.scores import Facts, Score
from models import Product, SupplierOffer, Tenant


@dataclass(frozen=True, slots=True)
class Aim:
    """On what terms to evaluate: units of each product, exchange rates into one's own currency, and the price rule."""

    quantity: int
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    basis: CustomsBasis = "cif"
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An offer with its landed cost, its score and (where there is a rule) its price and margin in percent."""

    offer: SupplierOffer
    landed: Landed
    score: Score
    priced: Priced | None
    margin: Decimal | None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A product with its offers, the best before the others; amounts are in `currency`."""

    product: Product
    currency: str
    offers: tuple[Judged, ...]

    @property
    def best(self) -> Judged | None:
        """The offer with the highest score."""
        return self.offers[0] if self.offers else None


async def evaluate(
    session: AsyncSession, product_ids: Sequence[UUID], aim: Aim, *, field_of_product: str = "product_ids.{}"
) -> list[Evaluated]:
    """Judge the offers of these products, in their order.

    Raises `InputInvalid` for products that are unknown (`field_of_product` with the place is what they are called) and
    for `rates.<currency>` that lacks.
    """
    products = await _products(session, product_ids, field_of_product)
    offers = await _offers(session, product_ids)
    own = await own_currency(session)
    rates = _rates(aim.rates, own, {offer.currency for found in offers.values() for offer in found})
    return [
        Evaluated(product, own, judge(offers.get(product.id, ()), aim, rates, own))
        for product in (products[item] for item in dict.fromkeys(product_ids))
    ]


def judge(offers: Sequence[SupplierOffer], aim: Aim, rates: Mapping[str, Decimal], currency: str) -> tuple[Judged, ...]:
    """Judge the offers of one product against each other; equal scores go by landed cost, then by supplier. Pure."""
    costs = [
        landed.land(_terms(offer), quantity=aim.quantity, rate=rates[offer.currency], basis=aim.basis)
        for offer in offers
    ]
    cheapest = min((cost.total for cost in costs), default=Decimal(0))
    found = [_judged(offer, cost, cheapest, aim, currency) for offer, cost in zip(offers, costs, strict=True)]
    return tuple(sorted(found, key=lambda item: (-item.score.value, item.landed.total, item.offer.supplier)))


async def own_currency(session: AsyncSession) -> str:
    """Give the tenant's own currency: costs and prices are in it."""
    return (await session.exec(select(Tenant.currency))).one()


def _judged(offer: SupplierOffer, cost: Landed, cheapest: Decimal, aim: Aim, currency: str) -> Judged:
    facts = Facts(
        landed=cost.total,
        cheapest=cheapest,
        quantity=aim.quantity,
        minimum_order=offer.minimum_order,
        lead_time_days=offer.lead_time_days,
        defect_rate=offer.defect_rate,
        on_time_rate=offer.on_time_rate,
    )
    priced = pricing.price(cost.total, aim.rule, currency) if aim.rule else None
    return Judged(offer, cost, scores.score(facts), priced, landed.margin(priced.price, cost.total) if priced else None)


def _terms(offer: SupplierOffer) -> Terms:
    return Terms(
        unit_price=offer.unit_price,
        price_breaks=offer.price_breaks,
        freight=offer.freight,
        order_fees=offer.order_fees,
        duty_rate=offer.duty_rate,
        minimum_order=offer.minimum_order,
    )


def _rates(given: Mapping[str, Decimal], own: str, needed: set[str]) -> dict[str, Decimal]:
    rates = {**given, own: Decimal(1)}
    lacking = sorted(needed - rates.keys())
    if lacking:
        raise InputInvalid({f"rates.{code}": f"Say what 1 {code} costs in {own}" for code in lacking})
    return rates


async def _products(session: AsyncSession, product_ids: Sequence[UUID], field_of_product: str) -> dict[UUID, Product]:
    found = (await session.exec(select(Product).where(col(Product.id).in_(product_ids)))).all()
    known = {product.id: product for product in found}
    lacking = [place for place, item in enumerate(product_ids) if item not in known]
    if lacking:
        raise InputInvalid({field_of_product.format(place): "There is no such product" for place in lacking})
    return known


async def _offers(session: AsyncSession, product_ids: Sequence[UUID]) -> dict[UUID, list[SupplierOffer]]:
    found: dict[UUID, list[SupplierOffer]] = {}
    query = select(SupplierOffer).where(col(SupplierOffer.product_id).in_(product_ids))
    for offer in (await session.exec(query)).all():
        found.setdefault(offer.product_id, []).append(offer)
    return found
