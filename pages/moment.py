"""The moment of an unlock: a card that arrives on whatever page is open, and stays until it is put away."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.emblem import emblem
from pages.components.values import count, digits
from state.bell import BellState
from state.rows import NoticeRow


def moment() -> rx.Component:
    """Draw the first unlock that waits, and the sentence that a screen reader is told."""
    return rx.el.section(
        rx.el.p(BellState.announcement, role="status", class_name="bz-sr"),
        # A list of one, so that the next unlock is a new card, which arrives as the first one did.
        rx.foreach(BellState.unlocks[:1], _card),
        class_name="bz-moment",
        data_following=rx.cond(BellState.is_following, "true", "false"),
        aria_label="Unlocked achievements",
    )


def _card(row: NoticeRow) -> rx.Component:
    dismiss: Any = BellState.dismiss_unlock  # the decorator hides from a type checker that it can be called
    return rx.el.article(
        emblem(row["icon"], row["tier"]),
        rx.el.div(
            rx.el.span("Achievement unlocked", class_name="bz-moment-kind"),
            rx.el.h2(row["name"]),
            rx.cond(row["body"] != "", rx.el.p(row["body"])),
            rx.el.div(
                rx.cond(
                    row["path"] != "",
                    rx.link("View", href=row["path"], on_click=dismiss(row["key"]), class_name="bz-link"),
                ),
                _rest(),
                class_name="bz-moment-foot",
            ),
            class_name="bz-moment-text",
        ),
        rx.el.button(
            rx.icon("x", size=16, aria_hidden="true"),
            type="button",
            aria_label="Dismiss: " + row["name"],
            class_name="bz-iconbtn",
            on_click=dismiss(row["key"]),
        ),
        key=row["key"],
        class_name="bz-moment-card",
    )


def _rest() -> rx.Component:
    """Say how many more wait, with a way to put them all away."""
    waiting = count(BellState.unlocks)
    return rx.cond(
        waiting > 1,
        rx.fragment(
            rx.el.span(digits(waiting - 1), " more", class_name="bz-muted bz-num"),
            rx.el.button("Dismiss all", type="button", class_name="bz-textbtn", on_click=BellState.dismiss_all_unlocks),
        ),
    )
