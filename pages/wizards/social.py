"""Social campaign: from an idea to posts on every network."""

from __future__ import annotations

import reflex as rx

from pages.components.account_form import account_dialog
from pages.wizard import wizard


def social() -> rx.Component:
    """Draw the wizard."""
    return wizard(
        "/wizards/social", "Social campaign", "Five steps from an idea to posts on every network.", account_dialog()
    )
