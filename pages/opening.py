"""The page at the root address: it leads each person to their own home."""

from __future__ import annotations

import reflex as rx

from pages.components.brand import mark


def opening() -> rx.Component:
    """Draw what is seen for a moment while the home page is found."""
    return rx.el.main(
        mark(40),
        rx.el.h1("Opening your home page", class_name="bz-sr"),
        rx.el.p("Opening your home page", class_name="bz-muted", role="status"),
        class_name="bz-opening",
    )
