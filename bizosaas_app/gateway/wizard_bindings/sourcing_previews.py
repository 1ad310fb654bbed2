"""What product sourcing shows before anything is done: the rows of a file, the offers, the prices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from babel.numbers import format_currency

from bizosaas_app.gateway.contracts.wizards import PreviewView
from bizosaas_app.kernel.errors import InputInvalid
from bizosaas_app.services.sourcing import landed
from bizosaas_app.services.sourcing.cells import plain
from bizosaas_app.services.sourcing.diffs import Diff, RowDiff
from bizosaas_app.services.sourcing.evaluation import Evaluated
from bizosaas_app.services.sourcing.publishing import Item

_MOST_ROWS: Final = 50
"""What is looked through beside a form; the API gives all of them."""


def nothing(note: str) -> PreviewView:
    """Say what is needed before there is anything to show."""
    return PreviewView(title="Nothing to show yet", note=note)


def wrong(title: str, error: InputInvalid) -> PreviewView:
    """Say what stands in the way."""
    return PreviewView(title=title, note=sentence(error), tone="bad")


def sentence(error: InputInvalid) -> str:
    """Give the faults in a line, those of a header's columns with the column's name."""
    return "; ".join(
        f"{field.removeprefix('header.')}: {message}" if field.startswith("header.") else message
        for field, message in error.fields.items()
    )


def diff(found: Diff) -> PreviewView:
    """Show what a file would change, refused rows before the others."""
    told = [item for item in found.rows if item.verdict != "unchanged"]
    shown = sorted(told, key=lambda item: item.verdict != "refused")[:_MOST_ROWS]
    refused = found.counts["refused"]
    rest = f" Here are {len(shown)} of {len(told)} rows." if len(shown) < len(told) else ""
    out = f"{refused:,} {'row' if refused == 1 else 'rows'} would be left out."
    return PreviewView(
        title="What the import would change",
        facts=[(verdict.capitalize(), f"{count:,}") for verdict, count in found.counts.items()],
        head=["Row", "Product", "Supplier", "What becomes of it"],
        rows=[[str(item.row), item.sku, item.supplier, _told(item)] for item in shown],
        note=(out if refused else "Nothing is written before you import.") + rest,
        tone="warn" if refused else "neutral",
    )


def evaluation(found: Sequence[Evaluated], currency: str) -> PreviewView:
    """Show the best offer of each product, with its reasons in short."""
    return PreviewView(
        title="The best offer of each product",
        head=["Product", "Supplier", "Landed cost", "Score", "Why"],
        rows=[_offer(item, currency) for item in found[:_MOST_ROWS]],
        note="The score is 0 to 100 from price, defects, punctuality, lead time and minimum order.",
    )


def prices(title: str, items: Sequence[Item], currency: str) -> PreviewView:
    """Show each product's price beside its cost and the least that it may be."""
    floors = sum(
        item.price == item.offer.priced.price and item.offer.priced.is_floor for item in items if item.offer.priced
    )
    return PreviewView(
        title=title,
        facts=[("Products", f"{len(items):,}"), ("Priced by the floor", f"{floors:,}")],
        head=["Product", "Supplier", "Landed cost", "Minimum price", "Price", "Margin"],
        rows=[_price(item, currency) for item in items[:_MOST_ROWS]],
        note="No price is below the landed cost and what must be earned on it.",
        tone="good",
    )


def _told(item: RowDiff) -> str:
    if item.verdict == "refused":
        return "; ".join(f"{fault.column}: {fault.message}" if fault.column else fault.message for fault in item.faults)
    if item.verdict == "new":
        return "New"
    return "; ".join(
        f"{change.column} {change.old or 'nothing'} → {change.new or 'nothing'}" for change in item.changes
    )


def _offer(item: Evaluated, currency: str) -> list[str]:
    best = item.best
    if best is None:
        return [item.product.sku, "No offer", "", "", ""]
    weak = min((it for it in best.score.signals if it.points is not None), key=lambda it: it.points or 0)
    others = len(item.offers) - 1
    why = f"{weak.detail}; best of {others + 1}" if others else weak.detail
    cost = format_currency(best.landed.total, currency, locale="en")
    return [item.product.sku, best.offer.supplier, cost, plain(best.score.value), why]


def _price(item: Item, currency: str) -> list[str]:
    margin = landed.margin(item.price, item.offer.landed.total)
    amounts = (item.offer.landed.total, item.floor, item.price)
    shown = (format_currency(amount, currency, locale="en") for amount in amounts)
    return [
        item.product.product.sku,
        item.offer.offer.supplier,
        *shown,
        "" if margin is None else f"{plain(margin)}%",
    ]
