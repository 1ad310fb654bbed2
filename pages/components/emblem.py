"""Emblem: the icon of an achievement, out of the fixed set, so that a page loads no others."""

from __future__ import annotations

import reflex as rx

from pages.components.values import Text
from state.icons import DEFAULT, ICONS


def icon_named(name: Text, *, size: int = 24) -> rx.Component:
    """Draw the icon of this name; one that is none of the set is drawn as a medal."""
    return rx.match(
        name,
        *[(known, rx.icon(known.replace("-", "_"), size=size, aria_hidden="true")) for known in ICONS],
        rx.icon(DEFAULT, size=size, aria_hidden="true"),
    )


def emblem(name: Text, tier: Text, *, size: int = 24) -> rx.Component:
    """Draw the icon on the ground of its tier."""
    return rx.el.span(icon_named(name, size=size), class_name="bz-emblem", data_tier=tier, aria_hidden="true")
