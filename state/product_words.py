"""How products, offers and imports read on a page: pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from babel.numbers import get_currency_precision

from bizosaas_app.gateway.contracts.assortment import AssortmentLine
from bizosaas_app.gateway.contracts.money import MoneyView
from bizosaas_app.gateway.contracts.sourcing import OfferView
from bizosaas_app.gateway.contracts.sourcing_imports import ImportView
from state import words
from state.product_rows import ImportRow, KeptRow, OfferRow, ProductRow

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "done": ("Published", "good"),
    "pending": ("Waiting", "info"),
    "running": ("On its way", "info"),
    "failed": ("Failed", "bad"),
    "unpublished": ("Not published", "neutral"),
}
"""Label and tone of where a product stands, in the order that they are picked in."""
_DESTINATIONS: Final[Mapping[str, str]] = {"catalogue": "in our own catalogue", "shop": "in the shop"}
_IMPORTS: Final[Mapping[str, tuple[str, str]]] = {"applied": ("Imported", "good"), "undone": ("Undone", "neutral")}


def worth(amount: MoneyView) -> str:
    """Give an amount with all the decimals of its currency."""
    return words.money(Decimal(amount.amount), amount.currency)


def exactly(amount: MoneyView) -> str:
    """Give an amount with as many decimals as it has, and never fewer than its currency: a screw costs 0.0125."""
    value = Decimal(amount.amount)
    places = len(f"{value.normalize():f}".partition(".")[2])
    usual = get_currency_precision(amount.currency)
    return words.money(value, amount.currency, decimals=places if places > usual else None)


def product_row(line: AssortmentLine) -> ProductRow:
    """Show a product."""
    product, latest = line.product, line.latest
    state = latest.state if latest else "unpublished"
    label, tone = STATES[state]
    offered = words.counted(line.offers, "offer", "offers")
    at = latest and (latest.published_at or latest.created_at)
    return ProductRow(
        id=str(product.id),
        sku=product.sku,
        name=product.name,
        detail=", ".join(part for part in (product.category, offered) if part),
        price=worth(latest.price) if latest else "",
        cost=worth(latest.landed_cost) if latest else "",
        margin=percent(latest.margin_percent) if latest else "",
        state=state,
        state_label=label,
        tone=tone,
        reason=words.sentence(latest.failure or "") if latest else "",
        next_at=words.moment(latest.next_at) if latest and latest.failure and latest.next_at else "",
        at=words.moment(at) if at else "",
        where=_DESTINATIONS[latest.destination] if latest and state == "done" else "",
        publication_id=str(latest.id) if latest else "",
        can_retry=state == "failed",
    )


def offer_row(view: OfferView) -> OfferRow:
    """Show an offer."""
    currency = view.unit_price.currency
    extras = {"freight": view.freight, "fees an order": view.order_fees}
    record = {"in time": view.on_time_rate, "faulty": view.defect_rate}
    breaks = [
        f"from {words.number(item.begins)}: {exactly(MoneyView(amount=item.unit_price, currency=currency))}"
        for item in view.price_breaks
    ]
    return OfferRow(
        id=str(view.id),
        supplier=view.supplier,
        sku=view.sku,
        unit_price=exactly(view.unit_price),
        breaks=", ".join(breaks),
        extras=", ".join(f"{exactly(item)} {name}" for name, item in extras.items() if Decimal(item.amount)),
        duty=percent(view.duty_rate),
        minimum=words.number(view.minimum_order),
        lead_time="" if view.lead_time_days is None else words.counted(view.lead_time_days, "day", "days"),
        record=", ".join(f"{percent(item)} {name}" for name, item in record.items() if item is not None),
        at=words.moment(view.updated_at),
    )


def import_row(view: ImportView) -> ImportRow:
    """Show an import, with what stayed as it was when it was taken back."""
    label, tone = _IMPORTS[view.status]
    counts = {"new": view.new, "changed": view.changed, "unchanged": view.unchanged}
    kept = [KeptRow(key=f"{item.row}-{item.label}", label=item.label, reason=item.reason) for item in view.kept]
    return ImportRow(
        id=str(view.id),
        file_name=view.file_name,
        rows=", ".join(f"{words.number(count)} {name}" for name, count in counts.items() if count) or "none",
        refused=words.number(view.refused),
        status_label=label,
        tone=tone,
        applied_at=words.moment(view.applied_at),
        undone_at=words.moment(view.undone_at) if view.undone_at else "",
        can_undo=view.status == "applied",
        kept=kept,
        kept_note=f"{words.counted(len(kept), 'entry', 'entries')} kept" if kept else "",
    )


def percent(value: str | None) -> str:
    """Give a share in percent, nothing where none is known."""
    return "" if value is None else f"{words.number(Decimal(value))}%"
