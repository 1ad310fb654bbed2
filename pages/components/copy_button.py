"""Copy button: takes a text to the clipboard and says so."""

from __future__ import annotations

from typing import Any

import reflex as rx

from pages.components.values import Text


def copy_button(text: Text, *, label: Text, said: str = "Copied", **look: Any) -> rx.Component:
    """Draw the button; `label` says what it copies, for who does not see where it stands."""
    return rx.button(
        rx.icon("copy", size=16, aria_hidden="true"),
        "Copy",
        type="button",
        variant="soft",
        aria_label=label,
        on_click=[rx.set_clipboard(text), rx.toast.success(said)],
        **look,
    )
