"""Empty state: what will be here, why it is worth having, and one action."""

from __future__ import annotations

import reflex as rx

from pages.components.values import Text


def empty_state(icon: str, title: Text, text: Text, action: rx.Component | None = None) -> rx.Component:
    """Draw an area that has nothing to show yet."""
    return rx.el.div(
        rx.el.span(rx.icon(icon, size=24, aria_hidden="true"), class_name="bz-empty-icon"),
        rx.el.h2(title),
        rx.el.p(text),
        *([action] if action else []),
        class_name="bz-empty",
    )
