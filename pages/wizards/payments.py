"""Payment gateway: from keys to a payment that was tested."""

from __future__ import annotations

import reflex as rx

from pages.wizard import wizard


def payments() -> rx.Component:
    """Draw the wizard."""
    return wizard("/wizards/payments", "Payment gateway", "Three steps from keys to a payment that was tested.")
