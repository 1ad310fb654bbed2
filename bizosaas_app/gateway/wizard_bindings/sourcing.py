"""Product sourcing's ties: the tenant's products to choose from, what comes of the answers, and publishing them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from bizosaas_app.gateway.contracts.wizards import FinishView, LinkView, PreviewView
from bizosaas_app.gateway.wizard_bindings import sourcing_previews, sourcing_shop
from bizosaas_app.gateway.wizard_bindings.binding import Binding, Order
from bizosaas_app.gateway.wizard_bindings.sourcing_assists import ASSISTS
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import InputInvalid, NotFound
from bizosaas_app.kernel.resources import resources, unit_of_work
from bizosaas_app.services.sourcing import evaluation, files, imports, publishing, reading
from bizosaas_app.services.sourcing.evaluation import Aim
from bizosaas_app.services.sourcing.files import Sheet
from bizosaas_app.services.sourcing.publishing import Listing, Wish
from bizosaas_app.services.wizards import uploads
from bizosaas_app.services.wizards.catalogue.sourcing import MOST_PRODUCTS, rule_of
from bizosaas_app.services.wizards.fields import Choice, Values
from models import WizardFile

_KEYWORDS: Final = 20


async def _products(session: AsyncSession, _actor: Actor) -> tuple[Choice, ...]:
    found = await reading.list_candidates(session, limit=MOST_PRODUCTS)
    return tuple(Choice(str(item.id), f"{item.sku}, {item.name}") for item in found)


async def _offered_in(session: AsyncSession, _actor: Actor) -> tuple[Choice, ...]:
    found = await reading.list_candidates(session, limit=MOST_PRODUCTS)
    return tuple(Choice(str(item.id), " ".join(item.currencies)) for item in found)


async def _offer_currencies(session: AsyncSession, _actor: Actor) -> tuple[Choice, ...]:
    found = await reading.list_candidates(session, limit=MOST_PRODUCTS)
    own = await evaluation.own_currency(session)
    return tuple(Choice(code, code) for code in sorted({code for item in found for code in item.currencies} - {own}))


async def _diff(session: AsyncSession, _actor: Actor, order: Order) -> PreviewView:
    try:
        sheet = await _sheet((await _file(session, order)).content)
        return sourcing_previews.diff(await imports.preview(session, sheet))
    except InputInvalid as error:
        return sourcing_previews.wrong("This file cannot be imported", error)


async def _import(actor: Actor, order: Order) -> Mapping[str, Any]:
    """Import the draft's file, a supplier's or the shop's; a second time it finds everything unchanged."""
    async with unit_of_work(actor) as session:
        file = await _file(session, order)
        name, content = file.name, file.content
    try:
        sheet = await _sheet(content)
    except InputInvalid as error:
        return {"state": "failed", "says": sourcing_previews.sentence(error)}
    async with unit_of_work(actor) as session:
        done = await imports.apply(session, actor, sheet, file_name=name, content=content, now=order.now)
    counts = done.diff.counts
    says = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return {"state": "passed" if sum(counts.values()) > counts["refused"] else "failed", "says": says}


async def _evaluation(session: AsyncSession, _actor: Actor, order: Order) -> PreviewView:
    values = order.values
    if "products" not in values or "quantity" not in values:
        return sourcing_previews.nothing("Choose products first")
    try:
        return sourcing_previews.evaluation(
            await evaluation.evaluate(session, _chosen(values), _aim(values)), order.around.currency
        )
    except InputInvalid as error:
        return sourcing_previews.wrong("The offers cannot be compared yet", error)


async def _prices(session: AsyncSession, _actor: Actor, order: Order) -> PreviewView:
    return await _priced(session, order, "Prices")


async def _publication(session: AsyncSession, _actor: Actor, order: Order) -> PreviewView:
    shown = await _priced(session, order, "When you publish")
    where = "the connected shop" if resources().settings.ecommerce_url else "our own catalogue: no shop is connected"
    return shown.model_copy(update={"facts": [*shown.facts, ("Goes to", where)]})


async def _priced(session: AsyncSession, order: Order, title: str) -> PreviewView:
    values = order.values
    if not {"products", "quantity", "tiers", "ending", "title"} <= values.keys():
        return sourcing_previews.nothing("The steps before come first")
    try:
        items = await publishing.price(session, _wish(values))
    except InputInvalid as error:
        return sourcing_previews.wrong("These prices cannot be", error)
    return sourcing_previews.prices(title, items, order.around.currency)


async def _complete(session: AsyncSession, actor: Actor, order: Order) -> FinishView:
    wish = _wish(order.values)
    try:
        row = await publishing.launch(session, actor, wish, draft_id=order.draft_id, now=order.now)
    except InputInvalid as error:
        raise InputInvalid(_in_our_words(error.fields, order.values), error.message) from None
    return FinishView(
        title=f"{row.title} is on its way",
        text="The products are published one after the other; a failure is shown and tried again.",
        subject=f"sourcing:{row.id}",
        facts=[("Products", str(len(wish.listings))), ("Units of each", f"{wish.quantity:,}")],
        links=[LinkView(label="Follow the products", href="/admin/products")],
    )


def _wish(values: Values) -> Wish:
    told = {row["product"]: row for row in values.get("listings", ())}
    aim = _aim(values)
    listings = [_listing(product, told.get(product, {})) for product in values["products"]]
    return Wish(values["title"], aim.quantity, rule_of(values), listings, aim.rates, aim.basis)


def _listing(product: str, row: Values) -> Listing:
    words = (word.strip()[:40] for word in row.get("keywords", "").split(","))
    return Listing(
        product_id=UUID(product),
        title=row.get("title", ""),
        description=row.get("description", ""),
        keywords=tuple(dict.fromkeys(filter(None, words)))[:_KEYWORDS],
        price=row.get("price"),
    )


def _aim(values: Values) -> Aim:
    rates = {row["currency"]: row["rate"] for row in values.get("rates", ())}
    return Aim(int(values["quantity"]), rates, values.get("customs_basis", "cif"))


def _chosen(values: Values) -> list[UUID]:
    return [UUID(product) for product in values["products"]]


def _in_our_words(fields: Mapping[str, str], values: Values) -> dict[str, str]:
    """Give the faults of publishing by the wizard's own fields."""
    rows = {row["product"]: number for number, row in enumerate(values.get("listings", ()))}
    found: dict[str, str] = {}
    for path, message in fields.items():
        head, _, rest = path.partition(".")
        place, _, name = rest.partition(".")
        product = values["products"][int(place)] if head == "listings" and place.isdigit() else None
        if product is not None and name == "price" and product in rows:
            found[f"listings.{rows[product]}.price"] = message
        else:
            found["rates" if head == "rates" else "tiers" if head == "tiers" else "products"] = message
    return found


async def _file(session: AsyncSession, order: Order) -> WizardFile:
    """Give the draft's file, of those that it may have the one that goes with its source."""
    field = next((name for name in ("file", sourcing_shop.FIELD) if name in order.values), None)
    kept = await uploads.find(session, order.draft_id, field) if field else None
    if kept is None:
        raise NotFound("Choose a file first, or read the shop")
    return kept


async def _sheet(content: bytes) -> Sheet:
    return await asyncio.to_thread(files.read, content)


BINDING = Binding(
    complete=_complete,
    lists={"products": _products, "offered_in": _offered_in, "offer_currencies": _offer_currencies},
    previews={
        "diff": _diff,
        "shop_diff": _diff,
        "evaluation": _evaluation,
        "prices": _prices,
        "publication": _publication,
    },
    acts={"imported": _import, sourcing_shop.FIELD: sourcing_shop.read_shop, "shop_imported": _import},
    assists=ASSISTS,
)
