"""The queue of the review desk: which list, in which order, and its lines."""

from __future__ import annotations

from typing import Any, Final

import reflex as rx

from pages.components.badge import badge
from pages.components.dialog import choices
from pages.components.listing import pager
from pages.components.local_time import local_time
from pages.components.select import select
from pages.components.values import call, count, digits
from state.fraud_desk import FraudDeskState
from state.fraud_rows import QueueRow
from state.listing import LONGEST_QUERY
from state.rows import Choice

SHOWN: Final = choices(("waiting", "Waiting"), ("decided", "Decided"), ("blocked", "Rejected by the engine"))
_ORDERS: Final[list[Choice]] = choices(
    ("created_at", "Waiting longest"),
    ("-created_at", "Newest first"),
    ("-score", "Highest score"),
    ("-order_value", "Largest order"),
)
_ORDERS_DECIDED: Final[list[Choice]] = choices(
    ("-decided_at", "Decided last"), ("-score", "Highest score"), ("-order_value", "Largest order")
)


def queue() -> rx.Component:
    """Draw the list with its tools."""
    return rx.el.section(
        rx.el.h2("Queue", class_name="bz-sr"),
        rx.el.div(_search(), _order(), class_name="bz-desk-tools"),
        rx.cond(
            count(FraudDeskState.rows) > 0,
            rx.el.ol(rx.foreach(FraudDeskState.rows, _line), class_name="bz-queue", custom_attrs={"data-arrows": ""}),
            _nothing(),
        ),
        pager(FraudDeskState),
        class_name="bz-card bz-desk-list",
        aria_label="Queue",
    )


def _search() -> rx.Component:
    search: Any = FraudDeskState.search  # the decorator hides from a type checker what an event can do
    return rx.input(
        rx.input.slot(rx.icon("search", size=16, aria_hidden="true")),
        default_value=FraudDeskState.query,
        key=digits(FraudDeskState.times_cleared),
        placeholder="Search people",
        type="search",
        max_length=LONGEST_QUERY,
        on_change=search.debounce(250),
        class_name="bz-search",
        custom_attrs={"aria-label": "Search people"},
    )


def _order() -> rx.Component:
    def offer(orders: list[Choice]) -> rx.Component:
        return select(orders, FraudDeskState.sort, lambda value: call(FraudDeskState.choose_sort, value), label="Order")

    return rx.cond(FraudDeskState.shown == "decided", offer(_ORDERS_DECIDED), offer(_ORDERS))


def _nothing() -> rx.Component:
    return rx.el.div(
        rx.cond(
            FraudDeskState.is_searched,
            rx.fragment(
                rx.el.p("Nobody of that name is in this list."),
                rx.button("Show everything", variant="soft", on_click=FraudDeskState.clear_search),
            ),
            rx.el.p("Nothing is left in this list."),
        ),
        class_name="bz-empty",
    )


def _line(row: QueueRow) -> rx.Component:
    is_chosen = FraudDeskState.chosen == row["id"]
    return rx.el.li(
        rx.el.button(
            rx.el.span(
                rx.el.span("Score ", class_name="bz-sr"),
                row["score"],
                class_name="bz-score bz-num",
                data_tone=row["tone"],
            ),
            rx.el.span(
                rx.el.span(row["referrer"], class_name="bz-strong bz-truncate"),
                rx.el.span(row["referred"], class_name="bz-small bz-muted bz-truncate"),
                rx.cond(row["decided"] != "", badge(row["decided"], row["decided_tone"])),
                class_name="bz-cell-text",
            ),
            rx.el.span(
                rx.el.span(row["amount"], class_name="bz-num"),
                rx.el.span(local_time(row["at"]), class_name="bz-small bz-muted"),
                class_name="bz-cell-text bz-end",
            ),
            type="button",
            on_click=call(FraudDeskState.open_case, row["id"]),
            custom_attrs={"aria-current": rx.cond(is_chosen, "true", "false")},
            class_name="bz-queue-line",
        ),
        key=row["id"],
    )
