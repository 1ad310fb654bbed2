"""Colours: sRGB hex in and out, OKLCH for changing them as the eye sees it, and contrast as WCAG 2.2 measures it. Pure.

OKLCH is of Björn Ottosson, https://bottosson.github.io/posts/oklab/; the matrices are those of CSS Color 4.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

HEX: Final = re.compile(r"#[0-9a-f]{6}")

_Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour as lightness (0 to 1), chroma and hue (radians)."""

    lightness: float
    chroma: float
    hue: float


def parse(text: str) -> Colour:
    """Give the colour of `#rrggbb`; raises ValueError for anything else."""
    red, green, blue = (_linear(part) for part in channels(text))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return Colour(lightness, math.hypot(a, b), math.atan2(b, a))


def write(colour: Colour) -> str:
    """Give the colour as `#rrggbb`, with less chroma where a screen cannot show so much of it."""
    least, most = 0.0, colour.chroma
    if _fits(_light(colour, most)):
        return _hex(_light(colour, most))
    for _ in range(16):
        middle = (least + most) / 2
        least, most = (middle, most) if _fits(_light(colour, middle)) else (least, middle)
    return _hex(_light(colour, least))


def channels(text: str) -> _Triple:
    """Give red, green and blue of `#rrggbb`, from 0 to 1."""
    if not HEX.fullmatch(text):
        raise ValueError("Write the colour as # and six of 0-9 and a-f")
    return int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255


def luminance(text: str) -> float:
    """Give the relative luminance of `#rrggbb`, from 0 (black) to 1 (white)."""
    red, green, blue = (_linear(part) for part in channels(text))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def over(text: str, ground: str) -> str:
    """Give, as `#rrggbbaa`, the most transparent colour that looks like `text` on this ground."""
    pairs = list(zip(channels(text), channels(ground), strict=True))
    alpha = max(((goal - base) / ((1 if goal > base else 0) - base) if goal != base else 0) for goal, base in pairs)
    alpha = math.ceil(alpha * 255) / 255
    if not alpha:
        return f"{text}00"
    parts = (min(1.0, max(0.0, base + (goal - base) / alpha)) for goal, base in pairs)
    return _hex(tuple(parts), linear=False) + f"{round(alpha * 255):02x}"  # type: ignore[arg-type]  # three of three


def _light(colour: Colour, chroma: float) -> _Triple:
    """Give the linear light of a colour with this chroma; out of 0 to 1 where a screen cannot show it."""
    a, b = chroma * math.cos(colour.hue), chroma * math.sin(colour.hue)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _fits(light: _Triple) -> bool:
    return all(-0.0005 <= part <= 1.0005 for part in light)


def _hex(parts: _Triple, *, linear: bool = True) -> str:
    encoded = (_encoded(min(1.0, max(0.0, part))) if linear else part for part in parts)
    return "#" + "".join(f"{round(255 * part):02x}" for part in encoded)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _encoded(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
