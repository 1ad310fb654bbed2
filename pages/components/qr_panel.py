"""QR panel: a link to scan, and to take along for print or for the screen."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text


def qr_panel(source: Text, *, alt: Text, hint: Text, on_svg: Any, on_png: Any) -> rx.Component:
    """Draw the code on white in either theme, for cameras; the buttons save it as a drawing or as a picture."""
    return rx.el.div(
        rx.el.div(rx.el.img(src=source, alt=alt, width="168", height="168"), class_name="bz-qr-code"),
        rx.el.div(
            rx.el.p(hint, class_name="bz-small bz-muted"),
            rx.el.div(
                _save("PNG", "Save QR code as PNG", on_png),
                _save("SVG", "Save QR code as SVG", on_svg),
                class_name="bz-qr-acts",
            ),
            class_name="bz-qr-text",
        ),
        class_name="bz-qr",
    )


def _save(label: str, name: str, on_click: Any) -> rx.Component:
    return rx.button(
        rx.icon("download", size=16, aria_hidden="true"),
        label,
        type="button",
        variant="soft",
        color_scheme="gray",
        aria_label=name,
        on_click=on_click,
    )
