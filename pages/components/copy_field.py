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
        copy_button(value, label="Copy " + _within(label)),
        class_name="bz-copy",
    )


def _within(label: Text) -> Text:
    """Give the label as it stands within a sentence; of one that a state gives, names keep their letters."""
    return label.lower() if isinstance(label, str) else words(label)[:1].lower() + words(label)[1:]
