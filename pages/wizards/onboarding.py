"""Onboarding: from a name to an organisation that is ready to work."""

from __future__ import annotations

import reflex as rx

from pages.wizard import wizard


def onboarding() -> rx.Component:
    """Draw the wizard."""
    return wizard("/wizards/onboarding", "Set up your organisation", "Four steps from a name to a team with goals.")
