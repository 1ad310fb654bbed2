"""Data table: a captioned table with a sticky head; wide ones become cards on phones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from pages.components.values import Text


@dataclass(frozen=True)
class Column:
    """A column: its heading and how one row fills it; `end` aligns figures to the right.

    A `quiet` heading is read out and not shown, where the cells explain themselves. `sort` is the name under which the
    server sorts by the column; such a heading is a button.
    """

    title: str
    cell: Callable[[Any], rx.Component | Text]
    end: bool = False
    quiet: bool = False
    sort: str = ""


def data_table(
    rows: Any,
    columns: Sequence[Column],
    *,
    caption: Text,
    key: Callable[[Any], Text],
    cards: bool = True,
    listing: Any = None,
) -> rx.Component:
    """Draw a table; `caption` is read out and not shown, since the card's title says the same.

    `listing` is a state class with `sort` and `sort_by` (`ListingState`), for tables with columns to sort by.
    """
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="bz-sr"),
            rx.el.thead(rx.el.tr(*[_heading(column, listing) for column in columns])),
            rx.el.tbody(
                rx.foreach(rows, lambda row: rx.el.tr(*[_cell(column, row) for column in columns], key=key(row)))
            ),
            class_name="bz-table bz-cards" if cards else "bz-table",
        ),
        class_name="bz-table-wrap",
    )


def _heading(column: Column, listing: Any) -> rx.Component:
    classes = "bz-end" if column.end else ""
    if listing is None or not column.sort:
        title = rx.el.span(column.title, class_name="bz-sr") if column.quiet else column.title
        return rx.el.th(title, scope="col", class_name=classes)
    is_rising, is_falling = listing.sort == column.sort, listing.sort == f"-{column.sort}"
    icon = rx.cond(is_rising, rx.icon("arrow_up", size=14), rx.cond(is_falling, rx.icon("arrow_down", size=14)))
    return rx.el.th(
        rx.el.button(column.title, icon, type="button", on_click=listing.sort_by(column.sort), class_name="bz-sort"),
        scope="col",
        class_name=classes,
        aria_sort=rx.cond(is_rising, "ascending", rx.cond(is_falling, "descending", "none")),
    )


def _cell(column: Column, row: Any) -> rx.Component:
    return rx.el.td(
        column.cell(row),
        data_label="" if column.quiet else column.title,
        role="cell",
        class_name="bz-end bz-num" if column.end else "",
    )
