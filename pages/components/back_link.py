"""Back link: the way from a thing to the list that it stands in."""

from __future__ import annotations

import reflex as rx


def back_link(label: str, path: str) -> rx.Component:
    """Draw the link beside a page's title."""
    return rx.link(
        rx.icon("arrow_left", size=16, aria_hidden="true"), label, href=path, underline="none", class_name="bz-back"
    )
