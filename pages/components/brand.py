"""The mark: a B whose strokes are the bars of a board."""

from __future__ import annotations

import reflex as rx

from pages.components.values import Text


def mark(size: int = 28) -> rx.Component:
    """Draw the logo; the name stands beside it, so it is hidden from screen readers."""
    return rx.image(src="/logo.svg", width=f"{size}px", height=f"{size}px", alt="", style={"flex": "none"})


def brand(href: Text) -> rx.Component:
    """Draw the logo with the product's name as a link."""
    return rx.link(
        mark(),
        rx.el.span("BizOSaaS", class_name="bz-label"),
        href=href,
        underline="none",
        class_name="bz-brand",
        custom_attrs={"aria-label": "BizOSaaS, home"},
    )
