"""Product sourcing: from a supplier's list to products in the shop."""

from __future__ import annotations

import reflex as rx

from pages.wizard import wizard


def sourcing() -> rx.Component:
    """Draw the wizard."""
    return wizard("/wizards/sourcing", "Product sourcing", "Five steps from a supplier's list to products in the shop.")
