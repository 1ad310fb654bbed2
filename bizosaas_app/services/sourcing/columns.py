"""The columns of a sourcing file: data first, then what is read from them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from bizosaas_app.services.sourcing import cells
from bizosaas_app.services.sourcing.cells import QUANTITY_LIMIT, Reader

Of = Literal["product", "offer"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name in the header: whose field it is, how a cell is read, what an empty cell means.

    One with `is_needed` must not be empty, and must be there for whatever is new.
    """

    name: str
    of: Of
    read: Reader
    empty: Any = None
    is_needed: bool = False


_COLUMNS: Final = (
    Column("sku", "product", cells.line(64), is_needed=True),
    Column("name", "product", cells.line(200), is_needed=True),
    Column("description", "product", cells.prose(4000), empty=""),
    Column("category", "product", cells.line(120), empty=""),
    Column("weight_kg", "product", cells.amount),
    Column("supplier", "offer", cells.line(120), is_needed=True),
    Column("currency", "offer", cells.currency, is_needed=True),
    Column("unit_price", "offer", cells.amount, is_needed=True),
    Column("price_breaks", "offer", cells.price_breaks, empty=[]),
    Column("freight", "offer", cells.amount, empty=Decimal(0)),
    Column("order_fees", "offer", cells.amount, empty=Decimal(0)),
    Column("duty_rate", "offer", cells.percent(1000), empty=Decimal(0)),
    Column("minimum_order", "offer", cells.whole(1, QUANTITY_LIMIT), empty=1),
    Column("lead_time_days", "offer", cells.whole(0, 3650)),
    Column("defect_rate", "offer", cells.percent(100)),
    Column("on_time_rate", "offer", cells.percent(100)),
)
COLUMNS: Final[Mapping[str, Column]] = {column.name: column for column in _COLUMNS}
"""By name, in the order in which they are written."""
KEYS: Final = ("sku", "supplier")
"""What a row is known by: a product of a supplier."""

PRODUCT_FIELDS: Final = tuple(item.name for item in _COLUMNS if item.of == "product" and item.name not in KEYS)
OFFER_FIELDS: Final = tuple(item.name for item in _COLUMNS if item.of == "offer" and item.name not in KEYS)


def fields_of(of: Of) -> tuple[str, ...]:
    """Give the fields that an import may change."""
    return PRODUCT_FIELDS if of == "product" else OFFER_FIELDS
