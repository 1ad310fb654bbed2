"""Segmented control: one choice of a few, all of them in sight."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text
from state.rows import Choice


def segmented(choices: list[Choice], value: Text, on_change: Any, *, label: str) -> rx.Component:
    """Draw the choices; `on_change` is given the chosen value. Scrolls sideways when the screen is too narrow."""
    return rx.el.div(
        rx.segmented_control.root(
            rx.foreach(choices, lambda choice: rx.segmented_control.item(choice["label"], value=choice["value"])),
            value=value,
            on_change=lambda chosen: on_change(chosen.to(str)),
            custom_attrs={"aria-label": label},
        ),
        class_name="bz-seg",
    )
