"""Copy field: something to take along, read-only, with a button that copies it."""

from __future__ import annotations

import reflex as rx

from pages.components.copy_button import copy_button
from pages.components.values import Text, words


def copy_field(value: Text, *, label: Text, mono: bool = False) -> rx.Component:
    """Draw the value with its copy button; `label` names it for everybody who does not see it."""
    return rx.el.div(
        rx.el.input(
            value=value,
            read_only=True,
            aria_label=label,
            class_name="bz-copy-value",
            data_mono="true" if mono else "false",
        ),
        copy_button(value, label=_copying(label)),
        class_name="bz-copy",
    )


def _copying(label: Text) -> Text:
    """Say what the button does; names in a label that a state gives keep their letters."""
    if isinstance(label, str):
        return f"Copy {label.lower()}"
    return "Copy " + words(label)[:1].lower() + words(label)[1:]
