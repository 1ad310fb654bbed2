"""A filled button can be read at rest, under the pointer and pressed, and the focus is seen, in both themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from bizosaas_app.kernel import colours
from bizosaas_app.services.tenants import palettes

STYLES: Final = Path(__file__).resolve().parents[2] / "assets" / "styles"
WHITE: Final = "#ffffff"
TOMATO: Final = "#e54d2e"
"""The ninth shade of Radix' `tomato`, the same in both themes."""


def dimmed(text: str, share: float) -> str:
    """Give what CSS makes of a colour by `brightness()`, or by mixing it with black."""
    return "#" + "".join(f"{min(255, round(255 * part * share)):02x}" for part in colours.channels(text))


def saturated(text: str, by: float) -> str:
    """Give what CSS makes of a colour by `saturate()`; the weights are those of Filter Effects 1."""
    parts = colours.channels(text)
    grey = sum(part * weight for part, weight in zip(parts, (0.213, 0.715, 0.072), strict=True))
    return "#" + "".join(f"{round(255 * min(1, max(0, grey + by * (part - grey)))):02x}" for part in parts)


PRESSED: Final[dict[str, Callable[[str], str]]] = {
    "light": lambda text: saturated(dimmed(text, 0.92), 1.1),
    "dark": lambda text: dimmed(text, 1.08),
}
"""What Radix does to the whole of a pressed button (`--base-button-solid-active-filter`)."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_primary_button_can_be_read_in_each_of_its_states(theme: str) -> None:
    accent, pressed = palettes.THEMES[theme].accent, PRESSED[theme]
    assert colours.contrast(WHITE, accent[8]) >= 4.5
    assert colours.contrast(WHITE, accent[9]) >= 4.5
    assert colours.contrast(pressed(WHITE), pressed(accent[9])) >= 4.5


def test_the_dark_shade_under_the_pointer_is_the_one_of_the_stylesheet() -> None:
    dark = (STYLES / "tokens.css").read_text().partition(".dark, .dark-theme")[2]
    assert re.findall(r"--iris-10: (#[0-9a-f]{6});", dark) == [palettes.THEMES["dark"].accent[9]]


def test_a_brands_button_can_be_read_in_each_of_its_states() -> None:
    for brand in ("#000000", "#ffffff", "#ff0000", "#00a000", "#0a7d54", "#d61aa9", "#997b0f", "#ffd400"):
        for theme, shades in palettes.make(brand).items():
            pressed = PRESSED[theme]
            assert colours.contrast(shades.contrast, shades.steps[9]) >= 4.5, (brand, theme)
            assert colours.contrast(pressed(shades.contrast), pressed(shades.steps[9])) >= 4.5, (brand, theme)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_dangerous_button_can_be_read_in_each_of_its_states(theme: str) -> None:
    share = re.search(r"tomato-9\) (\d+)%, black", (STYLES / "base.css").read_text())
    assert share
    filled, pressed = dimmed(TOMATO, int(share[1]) / 100), PRESSED[theme]
    assert colours.contrast(WHITE, filled) >= 4.5
    assert colours.contrast(pressed(WHITE), pressed(filled)) >= 4.5


def ring() -> int:
    """Give the shade of the accent that the focus ring is drawn in."""
    shade = re.search(r"--focus-8: var\(--accent-(\d+)\)", (STYLES / "tokens.css").read_text())
    return int(shade[1]) if shade else 8  # Radix' own


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_focus_ring_stands_out_from_what_it_is_drawn_on(theme: str) -> None:
    brands = [palettes.make(brand)[theme].steps for brand in ("#000000", "#ffffff", "#ff0000", "#0a7d54", "#ffd400")]
    for steps in (palettes.THEMES[theme].accent, *brands):
        for surface in palettes.THEMES[theme].surfaces:
            assert colours.contrast(steps[ring() - 1], surface) >= palettes.VISIBLE, (steps, surface)


def test_every_ring_is_the_one_of_the_focus() -> None:
    rings = [
        ring for path in STYLES.glob("*.css") for ring in re.findall(r"outline: [^;]*var\((.*?)\)", path.read_text())
    ]
    assert rings
    assert set(rings) == {"--focus-8"}
