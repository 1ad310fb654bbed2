"""Products, their offers and their imports as the page draws them: rows only."""

from __future__ import annotations

from typing import TypedDict


class ProductRow(TypedDict):
    """A product with what was last asked to be published of it; of one that nobody asked for, the money is empty."""

    id: str
    sku: str
    name: str
    detail: str
    price: str
    cost: str
    margin: str
    state: str
    state_label: str
    tone: str
    reason: str
    next_at: str
    at: str
    where: str
    publication_id: str
    can_retry: bool


class OfferRow(TypedDict):
    """What one supplier asks for one product."""

    id: str
    supplier: str
    sku: str
    unit_price: str
    breaks: str
    extras: str
    duty: str
    minimum: str
    lead_time: str
    record: str
    at: str


class KeptRow(TypedDict):
    """A product or an offer that taking an import back left as it is."""

    key: str
    label: str
    reason: str


class ImportRow(TypedDict):
    """A file that was imported."""

    id: str
    file_name: str
    rows: str
    refused: str
    status_label: str
    tone: str
    applied_at: str
    undone_at: str
    can_undo: bool
    kept: list[KeptRow]
    kept_note: str
