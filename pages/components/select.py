"""Select: one choice of many, in the browser's own picker."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text, count
from state.rows import Choice


def select(choices: list[Choice], value: Text, on_change: Any, *, label: str) -> rx.Component:
    """Draw the choices; `on_change` is given the chosen value. Waits while there are none."""
    return rx.el.div(
        rx.el.select(
            rx.foreach(choices, lambda choice: rx.el.option(choice["label"], value=choice["value"])),
            value=value,
            on_change=on_change,
            aria_label=label,
            disabled=count(choices) == 0,
        ),
        rx.icon("chevrons_up_down", size=16, aria_hidden="true"),
        class_name="bz-select bz-select-always",
    )
