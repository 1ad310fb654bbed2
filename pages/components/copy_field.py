"""Copy field: a value that people take elsewhere."""

from __future__ import annotations

import reflex as rx

from pages.components.values import Text


def copy_field(value: Text, *, label: str) -> rx.Component:
    """Draw the value with a button that copies it; `label` names it, such as "Referral link"."""
    return rx.el.div(
        rx.el.code(value, title=value),
        rx.el.button(
            rx.icon("copy", size=16, aria_hidden="true"),
            type="button",
            aria_label=f"Copy {label.lower()}",
            class_name="bz-iconbtn",
            on_click=[rx.set_clipboard(value), rx.toast.success(f"{label} copied")],
        ),
        class_name="bz-copy",
        role="group",
        aria_label=label,
    )
