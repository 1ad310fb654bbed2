"""A wizard's step looked over: in both themes, by the rules of accessibility, with a picture of the whole of it; left
and come back to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from playwright.async_api import Page, expect

from tests.e2e.axe import judge
from tests.e2e.conftest import enter
from tests.e2e.guide import SCREENS
from tests.e2e.test_pages import PHONE, THEMES, TOO_LOW, TOUCHED
from tests.support.keyboard import Name, box, heading

CUT: Final = "titles => titles.filter(title => title.scrollWidth > title.clientWidth).map(title => title.innerText)"
OUTSIDE: Final = """places => places.flatMap(place => {
  const room = place.getBoundingClientRect();
  const isOutside = box => box.left < room.left + 8 || box.right > room.right - 8
    || box.top < room.top || box.bottom > room.bottom;
  return [...place.querySelectorAll("input, select, textarea, button")].filter(control => control.checkVisibility())
    .filter(control => isOutside(control.getBoundingClientRect())).map(control => control.outerHTML.slice(0, 120));
})"""
"""Controls of the step or of its foot that stand elsewhere."""
NARROW: Final = "cells => cells.filter(cell => cell.clientWidth < 120).map(cell => cell.innerText)"
"""Cells of a row that nobody can type into."""
MISPLACED: Final = {
    "[data-state=current] .bz-step-title": CUT,
    ".bz-cell-field": NARROW,
    ".bz-wizard-step, .bz-wizard-foot": OUTSIDE,
}
"""What is looked for among the elements of each selector."""


async def look_over(page: Page, wizard: str, step: str) -> None:
    """See that the step fits and can be read by everybody, and photograph it to its end."""
    width, height = await page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    await page.set_viewport_size({"width": width, "height": height})
    for scheme in THEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await expect(page.locator("html")).to_have_class(re.compile(scheme))
        name = f"wizards-{wizard}-{step}-{width}-{scheme}.png"
        await page.screenshot(path=SCREENS / name, animations="disabled")
        await judge(page)
    await page.set_viewport_size({"width": width, "height": 900})
    for places, wrong in MISPLACED.items():
        found = await page.locator(places).evaluate_all(wrong)
        assert found == [], f"{step} at {width}: {found}"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{step} at {width}"
    if width == PHONE:
        assert await page.evaluate(TOO_LOW, TOUCHED) == [], step


@dataclass(frozen=True)
class Seen:
    """What a step shows of what was answered in it."""

    title: str
    ticked: tuple[Name, ...] = ()
    filled: Mapping[Name, str] = field(default_factory=dict)
    """Controls by their label, with their text."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Fields by their key, with what is said there: a file, a secret as it is masked, an outcome."""

    async def on(self, page: Page) -> None:
        """See it."""
        await expect(heading(page, self.title)).to_be_visible()
        for name in self.ticked:
            await expect(page.get_by_role("checkbox", name=name)).to_be_checked()
        for label, value in self.filled.items():
            await expect(page.get_by_label(label)).to_have_value(value)
        for key, text in self.told.items():
            await expect(box(page, key)).to_contain_text(text)


async def leave_and_come_back(page: Page, other: Page, email: str, seen: Seen) -> None:
    """The wizard is left in the middle and opened again, then on another device: nothing is lost."""
    await page.reload()
    await seen.on(page)
    await enter(other, email, page.url)
    await seen.on(other)
