"""Brand colours: the tenant's own accent on every signed-in page."""

from __future__ import annotations

from typing import Any

import reflex as rx


class BrandColours(rx.Component):
    """The element of `assets/jsx/brand_colours.jsx`; it draws nothing by itself."""

    library = "$/public/jsx/brand_colours.jsx"
    tag = "BrandColours"

    shades: rx.Var[dict[str, Any]]
    known: rx.Var[bool]


def brand_colours(shades: Any, *, known: Any) -> rx.Component:
    """Show these shades by theme; until they are `known`, what this browser showed last."""
    return BrandColours.create(shades=shades, known=known)
