"""How a brand's colour looks from outside."""

from __future__ import annotations

from functools import lru_cache

from bizosaas_app.gateway.contracts.tenants import AccentView, ShadesView
from bizosaas_app.kernel import colours
from bizosaas_app.services.tenants import palettes
from bizosaas_app.services.tenants.palettes import Shades


@lru_cache(maxsize=2048)
def accent_of(brand: str) -> AccentView:
    """Give a brand's colour (`#rrggbb`) with its shades in both themes."""
    shades = palettes.make(brand)
    return AccentView(accent=brand, light=_shades(brand, shades["light"]), dark=_shades(brand, shades["dark"]))


def _shades(brand: str, shades: Shades) -> ShadesView:
    return ShadesView(
        variables=shades.variables(),
        button=shades.button,
        button_ratio=_ratio(shades.contrast, shades.button),
        text_ratio=_ratio(shades.text, shades.ground),
        is_adapted=shades.button != brand,
    )


def _ratio(one: str, other: str) -> float:
    """Give the contrast with one decimal, cut off: what is shown is never better than what is."""
    return int(colours.contrast(one, other) * 10) / 10
