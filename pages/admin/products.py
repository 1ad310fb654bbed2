"""Products for administrators: what they cost and sell for, who offers them, and the files they came from."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.admin.product_imports import imports
from pages.admin.product_offers import offers
from pages.components.act import act
from pages.components.area import area
from pages.components.badge import badge
from pages.components.card import card
from pages.components.empty import empty_state
from pages.components.listing import listing, picker
from pages.components.local_time import local_time
from pages.components.skeleton import skeleton_rows
from pages.components.table import Column
from pages.components.tabs import Tab, tabs
from pages.components.values import call
from pages.shell import shell
from state.product_rows import ProductRow
from state.product_words import STATES
from state.products import AssortmentState, ProductDeskState

PATH: Final = "/admin/products"


def products() -> rx.Component:
    """Draw the page."""
    return shell(
        "Products",
        "What your products cost and sell for, who offers them, and whether they are published.",
        tabs(
            ProductDeskState,
            Tab("products", "Products", _assortment()),
            Tab("offers", "Offers", offers()),
            Tab("imports", "Imports", imports()),
        ),
        path=PATH,
        action=rx.el.div(
            rx.button(
                rx.icon("download", size=16, aria_hidden="true"),
                "Export as CSV",
                variant="soft",
                color_scheme="gray",
                loading=ProductDeskState.is_exporting,
                on_click=ProductDeskState.export,
            ),
            source_products(),
            class_name="bz-acts",
        ),
    )


def source_products() -> rx.Component:
    """Draw the way to the sourcing wizard."""
    return rx.link(
        rx.button(rx.icon("plus", size=16, aria_hidden="true"), "Source products", tab_index=-1),
        href="/wizards/sourcing",
        underline="none",
    )


def _assortment() -> rx.Component:
    return area(
        AssortmentState,
        listing(
            AssortmentState,
            AssortmentState.rows,
            (
                Column("Product", _name, sort="name"),
                Column("SKU", lambda row: row["sku"], sort="sku"),
                Column("Landed cost", lambda row: _known(row["cost"]), end=True),
                Column("Price", lambda row: _known(row["price"]), end=True),
                Column("Margin", lambda row: _known(row["margin"]), end=True),
                Column("Published", _standing),
                Column("Actions", _acts, end=True, quiet=True),
            ),
            caption="Products of your organisation",
            key=lambda row: row["id"],
            search="Search by name, SKU or category",
            filters=(picker("state", "State", "Any state", STATES),),
        ),
        loading=card(skeleton_rows(8), flush=True),
        empty=empty_state(
            "package_search",
            "No products yet",
            "Import a supplier's file in the sourcing wizard: it compares offers and finds prices.",
            source_products(),
        ),
        retry=AssortmentState.reload,
    )


def _name(row: ProductRow) -> rx.Component:
    return rx.el.div(
        rx.el.span(row["name"], class_name="bz-strong"),
        rx.el.span(row["detail"], class_name="bz-small bz-muted"),
        class_name="bz-cell-text bz-stacked",
    )


def _known(value: str) -> rx.Component:
    """Draw a figure, or that there is none yet."""
    return rx.cond(value != "", value, rx.el.span("none yet", class_name="bz-small bz-muted"))


def _standing(row: ProductRow) -> rx.Component:
    """Draw where the product stands, and why it does not go on."""
    return rx.el.div(
        rx.el.span(
            badge(row["state_label"], row["tone"]),
            rx.cond(
                row["where"] != "",
                rx.el.span(row["where"], ", ", local_time(row["at"], "date"), class_name="bz-small bz-muted"),
            ),
            class_name="bz-desk-outcome",
        ),
        rx.cond(row["reason"] != "", rx.el.span(row["reason"], class_name="bz-small bz-muted")),
        rx.cond(
            row["next_at"] != "",
            rx.el.span("Tried again ", local_time(row["next_at"]), class_name="bz-small bz-muted"),
        ),
        class_name="bz-cell-text",
    )


def _acts(row: ProductRow) -> rx.Component:
    return rx.cond(
        row["can_retry"],
        rx.el.div(
            act(
                "rotate_cw",
                "Publish " + row["name"] + " again",
                on_click=call(AssortmentState.retry, row["publication_id"]),
            ),
            class_name="bz-row-acts",
        ),
        rx.fragment(),
    )
