"""The bell of the top bar: how much waits, and the latest of it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.empty import empty_state
from pages.components.notice_list import notice_list
from pages.components.skeleton import skeleton_rows
from pages.components.values import count, digits, words
from state.bell import BellState
from state.session import SessionState


def bell() -> rx.Component:
    """Draw the bell with its count; opened, it shows the latest notices."""
    waiting = SessionState.unread_count
    shown = words(rx.cond(waiting > 99, "99+", digits(waiting)))
    return rx.popover.root(
        rx.popover.trigger(
            rx.el.button(
                rx.icon("bell", size=20, aria_hidden="true"),
                rx.cond(waiting > 0, rx.el.span(shown, class_name="bz-count bz-num", aria_hidden="true")),
                type="button",
                aria_label=rx.cond(waiting > 0, shown + " unread notifications", "No unread notifications"),
                class_name="bz-iconbtn",
            )
        ),
        rx.popover.content(
            rx.el.div(
                rx.el.h2("Notifications"),
                rx.cond(
                    waiting > 0,
                    rx.button("Mark all read", variant="ghost", size="2", on_click=BellState.read_all),
                ),
                class_name="bz-bell-head",
            ),
            rx.el.div(rx.cond(BellState.is_read_in, _latest(), skeleton_rows(3)), class_name="bz-bell-body"),
            rx.el.div(
                rx.link("See all notifications", href="/portal/notifications", class_name="bz-link"),
                class_name="bz-bell-foot",
            ),
            align="end",
            class_name="bz-bell",
            custom_attrs={"aria-label": "Notifications"},
        ),
        on_open_change=BellState.open_bell,
    )


def _latest() -> rx.Component:
    on_read: Any = BellState.mark_read  # the decorator hides from a type checker that it can be called
    return rx.cond(
        count(BellState.latest) > 0,
        notice_list(BellState.latest, label="Latest notifications", on_read=on_read),
        empty_state("bell", "Nothing waits for you.", "Unlocks, rewards and moves on your boards show up here."),
    )
