"""Candidates from the connected shop: what it sells becomes a file of the draft, to be compared and imported as one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bizosaas_app.gateway import systems
from bizosaas_app.gateway.contracts.systems import ListVariants, ShopVariant
from bizosaas_app.gateway.upstreams.faults import UpstreamNotConfigured
from bizosaas_app.gateway.wizard_bindings.binding import Order
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import Unavailable, UpstreamFailed
from bizosaas_app.kernel.resources import unit_of_work
from bizosaas_app.services.sourcing import files
from bizosaas_app.services.wizards import drafts, uploads
from bizosaas_app.services.wizards.catalogue.sourcing import SOURCING
from bizosaas_app.services.wizards.catalogue.sourcing_candidates import MOST_FROM_SHOP
from bizosaas_app.services.wizards.fields import Values
from bizosaas_app.services.wizards.operations import DraftClosed
from models.wizards import BIGGEST_FILE

FIELD: Final = "shop_read"
_PAGE: Final = 100
_COLUMNS: Final = ("sku", "name", "supplier", "currency", "unit_price")
"""Freight, duty and the rest of an offer are not the shop's to know: an import leaves them as they are."""
_IF_TOLD: Final = ("description", "category", "weight_kg")
"""What many shops keep of no product: what we know ourselves is worth more than their nothing."""


async def read_shop(actor: Actor, order: Order) -> Mapping[str, Any]:
    """Read the shop's products into a file of the draft, and say how many there are and what lacks.

    What is imported later is what was read now, and what the person has seen compared.
    """
    try:
        found, total = await _variants(actor, order.values)
    except UpstreamNotConfigured:
        return _failed("No shop is connected yet: the operator sets ECOMMERCE_URL")
    except (Unavailable, UpstreamFailed) as error:
        return _failed(error.message)
    if not found:
        return _failed("The shop has no such products")
    if total > MOST_FROM_SHOP:
        return _failed(f"The shop has {total:,} such products, and {MOST_FROM_SHOP:,} are read at most: look for fewer")
    content = await asyncio.to_thread(_file, found, order.values["shop_supplier"])
    if len(content) > BIGGEST_FILE:
        return _failed(f"That is more than {BIGGEST_FILE // 2**20} MB of text: look for fewer products")
    name = f"Connected shop, {order.values['shop_channel'][:80]}.csv"
    async with unit_of_work(actor) as session:
        row = await drafts.get_draft(session, actor, order.draft_id, for_change=True)
        if row.status != "open":
            raise DraftClosed
        checked = uploads.Checked(uploads.CSV, content)
        kept = await uploads.keep(session, row, SOURCING.fields[FIELD], name, checked, now=order.now)
    return {**kept, "state": "passed", "says": _says(found)}


async def _variants(actor: Actor, values: Values) -> tuple[Sequence[ShopVariant], int]:
    """Give what the shop has, and how many there are; of too many, only the first page."""
    found: list[ShopVariant] = []
    asked = ListVariants(limit=_PAGE, channel=values["shop_channel"], search=values.get("shop_search", ""))
    while True:
        page = await systems.list_variants(actor, asked)
        found += page.items
        if page.next_cursor is None or page.total > MOST_FROM_SHOP or len(found) >= MOST_FROM_SHOP:
            return found, page.total
        asked = asked.model_copy(update={"cursor": page.next_cursor})


def _file(found: Sequence[ShopVariant], supplier: str) -> bytes:
    told = [name for name in _IF_TOLD if any(getattr(item, name) for item in found)]
    return files.write((_row(item, supplier) for item in found), (*_COLUMNS, *told)).encode()


def _row(item: ShopVariant, supplier: str) -> Mapping[str, Any]:
    told = item.model_dump(include={"sku", "name", "description", "category", "weight_kg", "currency"})
    return {**told, "supplier": supplier, "unit_price": item.cost}


def _says(found: Sequence[ShopVariant]) -> str:
    priced = sum(item.cost is not None for item in found)
    bare = f"; of {len(found) - priced:,} it keeps no cost" if priced < len(found) else ""
    return f"{len(found):,} {'product' if len(found) == 1 else 'products'} read{bare}"


def _failed(says: str) -> Mapping[str, Any]:
    return {"state": "failed", "says": says}
