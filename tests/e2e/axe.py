"""What the rules of accessibility find wrong with a page, as axe knows them."""

from __future__ import annotations

from typing import Any, Final

from axe_playwright_python.async_playwright import Axe
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

WCAG: Final[dict[str, Any]] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
"""Axe would describe each element that is in order, too; that takes longer than the judging, and nobody reads it."""
WITH_SIZES: Final = {**WCAG, "rules": {"target-size": {"enabled": True}}}
"""Target size is rule 2.5.8: 24 px or as much room around. Axe has it off unless it is asked for."""

AT_REST: Final = """Promise.allSettled(document.getAnimations()
  .filter(one => one.playState === "running" && one.effect.getComputedTiming().endTime < Infinity)
  .map(one => one.finished)).then(() => "axe" in window)"""
"""Waits for what is on its way to its place, and says whether axe is there. A notice that slides in covers half a
button for a moment."""


async def judge(page: Page, rules: dict[str, Any] = WITH_SIZES) -> None:
    """Pass when the page, as it stands at rest, breaks none of the rules.

    Axe comes into a document once: what has run before runs faster.
    """
    is_there = await page.evaluate(AT_REST)
    found = await Axe("" if is_there else AXE_SCRIPT).run(page, options=rules)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
