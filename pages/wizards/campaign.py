"""Campaign builder: from a goal to messages on their way."""

from __future__ import annotations

import reflex as rx

from pages.wizard import wizard


def campaign() -> rx.Component:
    """Draw the wizard."""
    return wizard("/wizards/campaign", "Campaign builder", "Five steps from a goal to messages on their way.")
