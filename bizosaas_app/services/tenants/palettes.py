"""Palettes: from a brand's one colour to all shades that the pages use, in both themes. Pure.

The lightness of each shade is that of the product's own accent, so that a page keeps its depth whatever the brand.
The brand's colour is taken as it is where it can be read; else the nearest one that can: text keeps 4.5 to 1 and
what is drawn 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from bizosaas_app.kernel import colours
from bizosaas_app.kernel.colours import Colour

READABLE: Final = 4.5
VISIBLE: Final = 3.0
_MARGIN: Final = 1.01
"""Eight bits a channel round a colour; its contrast must hold after that."""

_WHITE: Final = "#ffffff"
_INK: Final = "#141417"
_MOST_CHROMA: Final = 0.22
_HOVER: Final = 0.035


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme: what pages stand on, and the product's own accent in it, from shade 1 to 12."""

    ground: str
    surfaces: tuple[str, ...]
    accent: tuple[str, ...]
    surface_alpha: str


THEMES: Final[dict[str, Theme]] = {
    "light": Theme(
        "#ffffff",
        ("#ffffff", "#f9f9fb"),
        (
            *("#fdfdff", "#f8f8ff", "#f0f1fe", "#e6e7ff", "#dadcff", "#cbcdff"),
            *("#b8baf8", "#9b9ef0", "#5b5bd6", "#5151cd", "#5753c6", "#272962"),
        ),
        "cc",
    ),
    "dark": Theme(
        "#111113",
        ("#111113", "#18191b"),
        (
            *("#13131e", "#171625", "#202248", "#262a65", "#303374", "#3d3e82"),
            *("#4a4a95", "#5958b1", "#5b5bd6", "#5555d1", "#b1a9ff", "#e0dffe"),
        ),
        "80",
    ),
}
"""The accent is Radix' `iris` (but for the dark tenth, which `tokens.css` sets), the grounds are of its `slate`."""
STANDARD: Final = THEMES["light"].accent[8]
"""The product's own colour."""


@dataclass(frozen=True, slots=True)
class Shades:
    """A brand in one theme: twelve shades, and what is written on the ninth of them."""

    steps: tuple[str, ...]
    contrast: str
    ground: str
    surface_alpha: str

    @property
    def button(self) -> str:
        """What buttons and marks are filled with."""
        return self.steps[8]

    @property
    def text(self) -> str:
        """What links and words in the accent are written with."""
        return self.steps[10]

    def variables(self) -> dict[str, str]:
        """Give every shade by the end of its CSS variable's name; nothing but hex."""
        solid = {str(number): step for number, step in enumerate(self.steps, start=1)}
        alpha = {f"a{number}": colours.over(step, self.ground) for number, step in enumerate(self.steps, start=1)}
        return {**solid, **alpha, "contrast": self.contrast, "surface": self.steps[1] + self.surface_alpha}


@lru_cache(maxsize=2048)
def make(brand: str) -> dict[str, Shades]:
    """Give the shades of a brand (`#rrggbb`) for each theme; raises ValueError for what is no such colour."""
    return {name: _shades(colours.parse(brand), theme) for name, theme in THEMES.items()}


def _shades(brand: Colour, theme: Theme) -> Shades:
    own = [colours.parse(step) for step in theme.accent]
    chroma = min(brand.chroma, _MOST_CHROMA)
    steps = [colours.write(Colour(shade.lightness, chroma * shade.chroma / own[8].chroma, brand.hue)) for shade in own]
    steps[8], contrast = _button(brand, theme)
    filled = colours.parse(steps[8])
    away = -_HOVER if contrast == _WHITE else _HOVER
    steps[9] = colours.write(replace(filled, lightness=min(1.0, max(0.0, filled.lightness + away))))
    steps[10] = _words(colours.parse(steps[10]), steps[4], is_dark=theme.ground != _WHITE)
    return Shades(tuple(steps), contrast, theme.ground, theme.surface_alpha)


def _button(brand: Colour, theme: Theme) -> tuple[str, str]:
    """Give the nearest colour that stands out from the surfaces and can be written on, and what to write with."""
    found = [(_within(brand, *_bounds(ink, theme)), ink) for ink in (_WHITE, _INK)]
    given = colours.luminance(colours.write(brand))
    return min(found, key=lambda pair: abs(colours.luminance(pair[0]) - given))


def _bounds(ink: str, theme: Theme) -> tuple[float, float]:
    """Give the least and the greatest luminance of what this ink is written on."""
    least, most = 0.0, 1.0
    for surface in theme.surfaces:
        light = colours.luminance(surface) + 0.05
        if theme.ground == _WHITE:
            most = min(most, light / (VISIBLE * _MARGIN) - 0.05)
        else:
            least = max(least, light * VISIBLE * _MARGIN - 0.05)
    written = colours.luminance(ink) + 0.05
    if ink == _WHITE:
        return least, min(most, written / (READABLE * _MARGIN) - 0.05)
    return max(least, written * READABLE * _MARGIN - 0.05), most


def _within(colour: Colour, least: float, most: float) -> str:
    """Give the colour, lighter or darker as far as its luminance has to come within the bounds."""
    text = colours.write(colour)
    if least <= colours.luminance(text) <= most:
        return text
    goal = least + (most - least) / 8 if colours.luminance(text) < least else most - (most - least) / 8
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        is_too_dark = colours.luminance(colours.write(replace(colour, lightness=middle))) < goal
        low, high = (middle, high) if is_too_dark else (low, middle)
    return colours.write(replace(colour, lightness=high))


def _words(colour: Colour, ground: str, *, is_dark: bool) -> str:
    """Give the colour, lighter or darker until it can be read on the deepest ground that words stand on."""
    step = 0.01 if is_dark else -0.01
    while colours.contrast(colours.write(colour), ground) < READABLE * _MARGIN and 0 < colour.lightness < 1:
        colour = replace(colour, lightness=colour.lightness + step)
    return colours.write(colour)
