"""Callout: one message that stands out of the text, in words, icon and colour."""

from __future__ import annotations

from typing import Any, Final, Literal

import reflex as rx

from pages.components.values import Text

Tone = Literal["info", "good", "warn", "bad"]

_ICONS: Final[dict[Tone, str]] = {
    "info": "info",
    "good": "circle_check",
    "warn": "triangle_alert",
    "bad": "circle_alert",
}


def callout(text: Text, *, tone: Tone = "info", on_dismiss: Any = None) -> rx.Component:
    """Draw a message; `on_dismiss` adds a button that puts it away."""
    close = (
        [
            rx.el.button(
                rx.icon("x", size=16, aria_hidden="true"),
                type="button",
                aria_label="Dismiss this message",
                class_name="bz-iconbtn",
                style={"margin": "-10px -6px -10px 0"},
                on_click=on_dismiss,
            )
        ]
        if on_dismiss is not None
        else []
    )
    return rx.el.div(
        rx.icon(_ICONS[tone], size=16, aria_hidden="true"),
        rx.el.div(rx.el.p(text)),
        *close,
        class_name="bz-callout",
        data_tone=tone,
        role="alert" if tone == "bad" else "status",
    )
