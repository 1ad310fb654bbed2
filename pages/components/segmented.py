"""Segmented control: one choice of a few, all of them in sight."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from pages.components.values import Text, count
from state.rows import Choice


def picker(choices: list[Choice], value: Text, on_change: Any, *, label: str) -> rx.Component:
    """Draw choices whose number is not known: a segmented control, and on phones the phone's own picker."""
    return rx.fragment(
        segmented(choices, value, on_change, label=label, narrow="select"),
        rx.el.div(
            rx.el.select(
                rx.foreach(choices, lambda choice: rx.el.option(choice["label"], value=choice["value"])),
                value=value,
                on_change=on_change,
                aria_label=label,
                disabled=count(choices) == 0,
            ),
            rx.icon("chevrons_up_down", size=16, aria_hidden="true"),
            class_name="bz-select",
        ),
    )


def segmented(
    choices: list[Choice], value: Text, on_change: Any, *, label: str, narrow: Literal["scroll", "select"] = "scroll"
) -> rx.Component:
    """Draw the choices; `on_change` is given the chosen value. Scrolls sideways when the screen is too narrow."""
    return rx.el.div(
        rx.segmented_control.root(
            rx.foreach(choices, lambda choice: rx.segmented_control.item(choice["label"], value=choice["value"])),
            value=value,
            on_change=lambda chosen: on_change(chosen.to(str)),
            custom_attrs={"aria-label": label},
        ),
        class_name="bz-seg",
        data_narrow=narrow,
    )
