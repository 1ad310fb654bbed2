"""Publishing: a finished sourcing becomes one publication for each of its products, in one transaction.

The draft's id is the key: a second launch of the same draft gives what the first one wrote, and writes nothing. What
leads to the shop is done afterwards, by the job of `deliveries.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services import audit
from bizosaas_app.services.gamification import ledger
from bizosaas_app.services.gamification.ledger import NewEvent
from bizosaas_app.services.jobs import queue
from bizosaas_app.services.sourcing import evaluation, landed, price_rules, pricing, stock
from bizosaas_app.services.sourcing.cells import plain
from bizosaas_app.services.sourcing.evaluation import Aim, Evaluated, Judged
from bizosaas_app.services.sourcing.landed import CustomsBasis
from bizosaas_app.services.sourcing.pricing import Rule
from models import Publication, Sourcing

COMPLETED: Final = "sourcing.completed"
TASK: Final = "sourcing.publish"
REPLACED: Final = "A later publication of this product took its place"
PRICE_LIMIT: Final = Decimal(10) ** 11
"""What leaves by the API is smaller (see the gateway's contracts)."""

_NAMESPACE: Final = UUID("6f0d6a52-54f4-4d7b-9d1b-6a4f4d3c9b57")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A product to publish: by which offer (None takes the best), under which text and price.

    Without a title it has the product's name, without a price that of the rule.
    """

    product_id: UUID
    offer_id: UUID | None = None
    title: str = ""
    description: str = ""
    keywords: Sequence[str] = ()
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a finished draft asks for."""

    title: str
    quantity: int
    rule: Rule
    listings: Sequence[Listing]
    rates: Mapping[str, Decimal]
    basis: CustomsBasis = "cif"


@dataclass(frozen=True, slots=True)
class Item:
    """A listing with the offer that it is priced by, its price, and the least that this may be."""

    listing: Listing
    product: Evaluated
    offer: Judged
    price: Decimal
    floor: Decimal


async def launch(session: AsyncSession, actor: Actor, wish: Wish, *, draft_id: UUID, now: datetime) -> Sourcing:
    """Write the sourcing of this draft with its publications, and have them published; the same one if it is repeated.

    Raises `InputInvalid` by field: `listings.2.price` for one below the floor, `listings.2.offer_id`,
    `listings.2.product_id`, `rates.USD`, or the fields of the rule.
    """
    await stock.hold(session, actor.tenant_id)  # two launches of one draft come one after the other
    known = await find(session, draft_id)
    if known is not None:
        return known
    items = await price(session, wish)
    row = _sourcing(actor, wish, items[0].product.currency, draft_id, now)
    session.add(row)
    await session.flush()
    publications = [_publication(actor, row, item, now) for item in items]
    await _replace_open(session, [item.product_id for item in publications], now)
    session.add_all(publications)
    await session.flush()
    await audit.record(
        session,
        actor,
        action="sourcing.launched",
        subject=f"sourcing:{row.id}",
        detail={"title": wish.title, "products": len(publications)},
    )
    await ledger.append(session, actor, [_fact(actor, row, len(publications), now)], now=now, source="service")
    await queue.enqueue(session, actor, TASK, once=TASK)
    return row


async def find(session: AsyncSession, draft_id: UUID) -> Sourcing | None:
    """Give the sourcing of a draft, or None while it has not been launched."""
    return (await session.exec(select(Sourcing).where(Sourcing.draft_id == draft_id))).one_or_none()


async def price(session: AsyncSession, wish: Wish) -> list[Item]:
    """Choose the offer and the price of each listing, and write nothing; raises `InputInvalid` with every fault."""
    ids = [listing.product_id for listing in wish.listings]
    faults = pricing.find_faults(wish.rule)
    faults |= {
        f"listings.{place}.product_id": "This product is listed twice"
        for place, item in enumerate(ids)
        if item in ids[:place]
    }
    if not ids:
        faults["listings"] = "Choose at least one product"
    if faults:
        raise InputInvalid(faults)
    aim = Aim(wish.quantity, wish.rates, wish.basis, wish.rule)
    evaluated = await evaluation.evaluate(session, ids, aim, field_of_product="listings.{}.product_id")
    items: list[Item] = []
    for place, (listing, product) in enumerate(zip(wish.listings, evaluated, strict=True)):
        found = _item(listing, product, wish.rule)
        if isinstance(found, Item):
            items.append(found)
        else:
            faults |= {f"listings.{place}.{field}": message for field, message in found.items()}
    if faults:
        raise InputInvalid(faults)
    return items


def _item(listing: Listing, product: Evaluated, rule: Rule) -> Item | dict[str, str]:
    """Give the listing with its offer and price, or what is wrong with it by field."""
    offer = _choose(product, listing.offer_id)
    if offer is None or offer.priced is None:
        return {"offer_id": "This product has no such offer" if listing.offer_id else "This product has no offer"}
    least = pricing.floor(offer.landed.total, rule)
    asked = offer.priced.price if listing.price is None else listing.price
    if asked < least:
        lands = f"it lands at {plain(offer.landed.total)}"
        return {"price": f"Must be at least {plain(pricing.raise_to(least, None, product.currency))}: {lands}"}
    if asked != pricing.raise_to(asked, None, product.currency):
        return {"price": f"Must be an amount that {product.currency} has coins for"}
    if asked >= PRICE_LIMIT:
        return {"price": f"Must be less than {PRICE_LIMIT:,f}"}
    return Item(listing, product, offer, asked, least)


def _choose(product: Evaluated, offer_id: UUID | None) -> Judged | None:
    if offer_id is None:
        return product.best
    return next((item for item in product.offers if item.offer.id == offer_id), None)


def _sourcing(actor: Actor, wish: Wish, currency: str, draft_id: UUID, now: datetime) -> Sourcing:
    return Sourcing(
        tenant_id=actor.tenant_id,
        draft_id=draft_id,
        title=wish.title,
        quantity=wish.quantity,
        currency=currency,
        customs_basis=wish.basis,
        rates={code: plain(rate) for code, rate in wish.rates.items()},
        rule=price_rules.dump(wish.rule),
        asked_by=actor.user_id,
        created_at=now,
    )


def _publication(actor: Actor, row: Sourcing, item: Item, now: datetime) -> Publication:
    listing, product = item.listing, item.product.product
    return Publication(
        tenant_id=actor.tenant_id,
        sourcing_id=row.id,
        product_id=product.id,
        sku=product.sku,
        supplier=item.offer.offer.supplier,
        title=listing.title or product.name,
        description=listing.description or product.description,
        keywords=list(listing.keywords),
        price=item.price,
        currency=row.currency,
        landed_cost=item.offer.landed.total,
        floor_price=item.floor,
        next_at=now,
        created_at=now,
        updated_at=now,
    )


async def _replace_open(session: AsyncSession, product_ids: Sequence[UUID], now: datetime) -> None:
    """End what has not reached the shop yet for these products: the later words and prices count."""
    await session.execute(
        update(Publication)
        .where(col(Publication.product_id).in_(product_ids), col(Publication.state) == "pending")
        .values(state="failed", failure=REPLACED, next_at=None, updated_at=now)
    )


def _fact(actor: Actor, row: Sourcing, products: int, now: datetime) -> NewEvent:
    properties: dict[str, Any] = {"sourcing_id": str(row.id), "title": row.title, "products": products}
    return NewEvent(
        event_id=uuid5(_NAMESPACE, f"{row.tenant_id}/{row.draft_id}"),
        type=COMPLETED,
        user_id=actor.user_id,
        properties=properties,
        occurred_at=now,
    )


def margin_of(row: Publication) -> Decimal | None:
    """Give what is left of the price after the landed cost, in percent of the price."""
    return landed.margin(row.price, row.landed_cost)
