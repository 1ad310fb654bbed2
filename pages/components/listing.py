"""Listing: a table that the server searches, sorts and pages, with its tools above and its pages below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from pages.components.card import card
from pages.components.dialog import choices
from pages.components.empty import empty_state
from pages.components.select import select
from pages.components.table import Column, data_table
from pages.components.values import Text, count, digits
from state.listing import LONGEST_QUERY


@dataclass(frozen=True)
class Filter:
    """A picker above the table; its first choice has an empty value and lets everything through.

    `choices` are given as data, or as a var with rows of `Choice`.
    """

    name: str
    label: str
    choices: Any


def picker(name: str, label: str, everything: str, called: Mapping[str, tuple[Any, ...]]) -> Filter:
    """Give the filter whose choices are a state's own words, after `everything`.

    `called` has them by key, each the first of what is known of it, in the order of the choices.
    """
    return Filter(name, label, choices(("", everything), *((key, words[0]) for key, words in called.items())))


def listing(
    state: Any,
    rows: Any,
    columns: Sequence[Column],
    *,
    caption: Text,
    key: Callable[[Any], Text],
    search: str = "",
    filters: Sequence[Filter] = (),
    action: rx.Component | None = None,
) -> rx.Component:
    """Draw the table of a state that takes `ListingState`; `search` says what is searched, where it can be.

    `rows` is the var with the rows of the page that is shown.
    """
    table = data_table(rows, columns, caption=caption, key=key, listing=state)
    return framed(state, rows, table, search=search, filters=filters, action=action)


def framed(
    state: Any,
    rows: Any,
    full: rx.Component,
    *,
    search: str = "",
    filters: Sequence[Filter] = (),
    action: rx.Component | None = None,
) -> rx.Component:
    """Draw rows that are no table (`full`) with the tools above and the pages below that `listing` has."""
    return card(
        tools(state, search=search, filters=filters, action=action),
        rx.cond(
            count(rows) > 0,
            full,
            empty_state(
                "search_x",
                "Nothing found",
                "Nothing matches what you are looking for.",
                rx.button("Show everything", variant="soft", on_click=state.clear_search),
            ),
        ),
        pager(state),
        flush=True,
    )


def pager(state: Any) -> rx.Component:
    """Draw where the page stands and the ways to its neighbours; nothing when everything is on one page."""
    return rx.el.nav(
        rx.el.span(state.range_label, class_name="bz-num bz-muted", role="status"),
        rx.cond(
            state.has_next | state.has_previous,
            rx.el.div(
                _turn("chevron_left", "Previous page", state.previous_page, ~state.has_previous),
                _turn("chevron_right", "Next page", state.next_page, ~state.has_next),
                class_name="bz-cell",
            ),
        ),
        class_name="bz-pager",
        aria_label="Pages",
    )


def _turn(icon: str, label: str, on_click: Any, disabled: Any) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, size=16, aria_hidden="true"),
        type="button",
        aria_label=label,
        disabled=disabled,
        on_click=on_click,
        class_name="bz-iconbtn",
    )


def tools(
    state: Any, *, search: str = "", filters: Sequence[Filter] = (), action: rx.Component | None = None
) -> rx.Component:
    """Draw the search and the pickers above a list, and an action at their end."""
    if not (search or filters or action):
        return rx.fragment()
    return rx.el.div(
        *([_search(state, search)] if search else []),
        *[_filter(state, item) for item in filters],
        *([rx.el.div(action, class_name="bz-listing-end")] if action else []),
        class_name="bz-toolbar bz-listing-tools",
    )


def _search(state: Any, label: str) -> rx.Component:
    """Draw the search; it is sent as one pauses in writing, and emptied by a fresh field."""
    return rx.input(
        rx.input.slot(rx.icon("search", size=16, aria_hidden="true")),
        default_value=state.query,
        key=digits(state.times_cleared),
        placeholder=label,
        type="search",
        max_length=LONGEST_QUERY,
        on_change=state.search.debounce(250),
        class_name="bz-search",
        custom_attrs={"aria-label": label},
    )


def _filter(state: Any, item: Filter) -> rx.Component:
    return select(
        item.choices,
        state.filters[item.name],
        lambda value: state.choose_filter(item.name, value),
        label=item.label,
    )
