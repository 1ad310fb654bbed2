"""The tab of what suppliers ask."""

from __future__ import annotations

import reflex as rx

from pages.components.area import area
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.listing import listing
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.values import Text
from state.products import OffersState


def offers() -> rx.Component:
    """Draw the table of offers."""
    return area(
        OffersState,
        listing(
            OffersState,
            OffersState.rows,
            (
                Column("Supplier", lambda row: _two(row["supplier"], row["sku"]), sort="supplier"),
                Column("Unit price", lambda row: _two(row["unit_price"], row["breaks"]), end=True),
                Column("On top", lambda row: row["extras"]),
                Column("Duty", lambda row: row["duty"], end=True),
                Column("Minimum order", lambda row: row["minimum"], end=True),
                Column("Lead time", lambda row: row["lead_time"], end=True),
                Column("Record", lambda row: row["record"]),
                Column("Changed", lambda row: local_time(row["at"], "date"), sort="updated_at"),
            ),
            caption="Offers of your suppliers",
            key=lambda row: row["id"],
            search="Search by supplier",
        ),
        loading=card(skeleton_rows(8), flush=True),
        empty=empty_state(
            "store", "No offers yet", "They come with a supplier's file, imported in the sourcing wizard."
        ),
        retry=OffersState.reload,
    )


def _two(first: Text, second: Text) -> rx.Component:
    return rx.el.div(
        rx.el.span(first, class_name="bz-strong"),
        rx.cond(second != "", rx.el.span(second, class_name="bz-small bz-muted")),
        class_name="bz-cell-text",
    )
