"""Social texts: what to post on each network, how long it is there, and the ways to take it there."""

from __future__ import annotations

import reflex as rx

from pages.components.copy_button import copy_button
from pages.components.values import words
from state.showcase_rows import SocialRow


def social_texts(rows: list[SocialRow], *, is_public: bool) -> rx.Component:
    """Draw the texts side by side; the networks are opened only where the page is public."""
    return rx.el.ul(rx.foreach(rows, lambda row: _text(row, is_public)), class_name="bz-posts", aria_label="Networks")


def _text(row: SocialRow, is_public: bool) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.h3(row["network"]),
            rx.el.span(row["length"], class_name="bz-small bz-muted bz-num"),
            class_name="bz-post-head",
        ),
        rx.el.div(
            rx.el.span(style={"width": words(rx.Var.create(row["percent"]).to_string()) + "%"}),
            class_name="bz-meter",
            aria_hidden="true",
        ),
        rx.el.div(
            row["text"],
            class_name="bz-post-text",
            tab_index=0,
            role="region",
            aria_label="Text for " + row["network"],
        ),
        rx.el.span(row["link"], class_name="bz-small bz-muted bz-post-link", title=row["link"]),
        rx.el.div(_copy(row), rx.cond(is_public, _open(row)), class_name="bz-acts"),
        key=row["key"],
    )


def _copy(row: SocialRow) -> rx.Component:
    return copy_button(
        row["full"], label="Copy the text for " + row["network"], said="Copied, with its link", color_scheme="gray"
    )


def _open(row: SocialRow) -> rx.Component:
    return rx.el.a(
        rx.icon("external_link", size=16, aria_hidden="true"),
        "Post",
        rx.el.span(" on " + words(row["network"]) + ", in a new window", class_name="bz-sr"),
        href=row["open_url"],
        target="_blank",
        rel="noopener noreferrer",
        class_name="bz-back",
    )
