"""A brand's colour: kept where it can be read, and brought to where it can be read otherwise. In both themes."""

from __future__ import annotations

import random
import re

import pytest

from bizosaas_app.kernel import colours
from bizosaas_app.services.tenants import palettes

_DRAW = random.Random(7)  # colours, not secrets
BRANDS = ["#000000", "#ffffff", "#808080", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#ff00ff"]
BRANDS += [f"#{_DRAW.randrange(1 << 24):06x}" for _ in range(120)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_brand_can_be_read_and_seen(theme: str) -> None:
    for brand in BRANDS:
        shades = palettes.make(brand)[theme]
        on = [*palettes.THEMES[theme].surfaces, *shades.steps[:5]]
        assert colours.contrast(shades.contrast, shades.steps[8]) >= 4.5, brand
        assert colours.contrast(shades.contrast, shades.steps[9]) >= 4.5, brand
        assert min(colours.contrast(shades.text, ground) for ground in on) >= 4.5, brand
        assert min(colours.contrast(shades.steps[11], ground) for ground in on) >= 4.5, brand
        assert min(colours.contrast(shades.button, ground) for ground in palettes.THEMES[theme].surfaces) >= 3, brand


def test_a_colour_that_can_be_read_stays_what_it_is() -> None:
    assert palettes.make("#0a7d54")["light"].button == "#0a7d54"
    assert palettes.make("#5b5bd6")["light"].button == "#5b5bd6"
    assert palettes.make("#5b5bd6")["dark"].button == "#5b5bd6"
    assert palettes.make("#ffd400")["dark"].button == "#ffd400"
    assert palettes.make("#ffd400")["light"].button != "#ffd400"


def test_the_product_s_own_accent_gives_its_own_shades() -> None:
    """Nearly, that is: Radix drew them by hand. But what is filled grows darker under the pointer, never paler."""
    for name, theme in palettes.THEMES.items():
        pairs = list(zip(palettes.make("#5b5bd6")[name].steps, theme.accent, strict=True))
        for made, drawn in pairs[:9] + pairs[10:]:
            far = max(abs(a - b) for a, b in zip(colours.channels(made), colours.channels(drawn), strict=True))
            assert far < 0.1, (name, made, drawn)


def test_variables_are_hex_and_nothing_else() -> None:
    for brand in BRANDS[:40]:
        for shades in palettes.make(brand).values():
            found = shades.variables()
            assert set(found) == {*map(str, range(1, 13)), *(f"a{n}" for n in range(1, 13)), "contrast", "surface"}
            assert all(re.fullmatch(r"#[0-9a-f]{6}([0-9a-f]{2})?", value) for value in found.values())


@pytest.mark.parametrize("text", ["", "#12", "red", "#gggggg", "#123456;}", "#12345678", "url(x)", "#FFFFFF\n"])
def test_what_is_no_colour_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="Write the colour"):
        palettes.make(text)


def test_a_see_through_shade_looks_like_its_own_on_its_ground() -> None:
    def blend(top: str, ground: str) -> tuple[float, ...]:
        alpha = int(top[7:], 16) / 255
        pairs = zip(colours.channels(top[:7]), colours.channels(ground), strict=True)
        return tuple(alpha * over + (1 - alpha) * under for over, under in pairs)

    for brand in BRANDS:
        for shades in palettes.make(brand).values():
            for step in shades.steps:
                seen = blend(colours.over(step, shades.ground), shades.ground)
                assert seen == pytest.approx(colours.channels(step), abs=0.03), (brand, step)
