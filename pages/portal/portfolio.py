"""Portfolio: the gallery of showcases, and what has another one written."""

from __future__ import annotations

from typing import Final

import reflex as rx

from pages.components.area import area
from pages.components.card import card
from pages.components.dialog import choices
from pages.components.empty import empty_state
from pages.components.listing import pager, picker, tools
from pages.components.select import select
from pages.components.skeleton import skeleton, skeleton_stats
from pages.components.stat import stat_row
from pages.components.values import call, count
from pages.portal.showcase_card import showcase_card
from pages.portal.showcase_dialogs import generate_dialog, retry_dialog
from pages.shell import shell
from state.portfolio import PortfolioState
from state.showcase_words import STATUSES

_ORDERS: Final = choices(
    ("-created_at", "Newest first"),
    ("-updated_at", "Last changed first"),
    ("-views", "Most visited first"),
    ("title", "By title"),
)


def portfolio() -> rx.Component:
    """Draw the page."""
    return shell(
        "Portfolio",
        "Case studies written from your own figures, ready to be shown and shared.",
        area(
            PortfolioState,
            rx.el.div(stat_row(PortfolioState.stats), _gallery(), class_name="bz-blocks"),
            loading=rx.el.div(skeleton_stats(4), _waiting(), class_name="bz-blocks"),
            empty=empty_state(
                "book_open_text",
                "No showcase yet",
                "A showcase tells what a period of your work has brought, and proves every number. "
                "Choose a period; the rest is written for you.",
                _begin("Write the first one"),
            ),
            retry=PortfolioState.reload,
        ),
        generate_dialog(),
        retry_dialog(PortfolioState, PortfolioState.chosen_title),
        path="/portal/portfolio",
        action=_begin("New showcase"),
    )


def _begin(text: str) -> rx.Component:
    return rx.button(rx.icon("plus", size=16, aria_hidden="true"), text, type="button", on_click=PortfolioState.begin)


def _gallery() -> rx.Component:
    return rx.el.div(
        tools(
            PortfolioState,
            search="Search showcases",
            filters=(picker("status", "Status", "Any status", STATUSES),),
            action=select(_ORDERS, PortfolioState.sort, PortfolioState.order, label="Order"),
        ),
        rx.cond(
            count(PortfolioState.rows) > 0,
            rx.el.ul(rx.foreach(PortfolioState.rows, showcase_card), class_name="bz-gallery", aria_label="Showcases"),
            card(
                empty_state(
                    "search_x",
                    "Nothing found",
                    "No showcase matches what you are looking for.",
                    rx.button("Show everything", variant="soft", on_click=call(PortfolioState.clear_search)),
                )
            ),
        ),
        pager(PortfolioState),
        class_name="bz-blocks bz-gallery-block",
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        *[
            rx.el.div(
                rx.el.div(skeleton("100%", "188px"), class_name="bz-cover-wait"),
                rx.el.div(skeleton("48%"), skeleton("72%"), class_name="bz-show-body"),
                class_name="bz-card bz-show",
            )
            for _ in range(3)
        ],
        class_name="bz-gallery",
        aria_hidden="true",
    )
