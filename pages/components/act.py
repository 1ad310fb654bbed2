"""Act: a button or a link in a table's row, an icon whose name says what it does with which row."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text


def act(icon: str, label: Text, **props: Any) -> rx.Component:
    """Draw the button; `label` is read out and shown on hover."""
    return rx.el.button(
        rx.icon(icon, size=16, aria_hidden="true"),
        type="button",
        aria_label=label,
        title=label,
        class_name="bz-iconbtn",
        **props,
    )


def act_link(icon: str, label: Text, path: Text) -> rx.Component:
    """Draw a link that looks like an act and leads to `path`."""
    return rx.link(
        rx.icon(icon, size=16, aria_hidden="true"), href=path, aria_label=label, title=label, class_name="bz-iconbtn"
    )
