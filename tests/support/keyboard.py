"""A person without a mouse, in a real browser: what is reached by Tab, and what a wizard's step says there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from playwright.async_api import Locator, Page

Name = str | re.Pattern[str]


class Keys:
    """A person without a mouse."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def to(self, name: Name, role: str = "textbox", *, within: Locator | None = None) -> None:
        """Tab, or tab back, until the control of this name has the focus."""
        place = self._page if within is None else within
        await self._reach(place.get_by_role(role, name=name).first)  # type: ignore[arg-type]  # a role by its name

    async def write(self, name: str, text: str, role: str = "textbox", *, within: Locator | None = None) -> None:
        await self.to(name, role, within=within)
        await self._page.keyboard.press("Control+A")
        await self._page.keyboard.type(text)

    async def write_day(self, label: str, day: date) -> None:
        """Type a day as the browser's own field asks for it: month, day, year."""
        await self._reach(self._page.get_by_label(label, exact=True))
        await self._page.keyboard.type(day.strftime("%m%d%Y"))

    async def write_secret(self, label: str, text: str) -> None:
        """Type what is not shown: such a field has no role to be found by."""
        await self._reach(self._page.get_by_label(label, exact=True))
        await self._page.keyboard.press("Control+A")
        await self._page.keyboard.type(text)

    async def press(
        self, name: Name, key: str = "Enter", *, times: int = 1, role: str = "button", within: Locator | None = None
    ) -> None:
        await self.to(name, role, within=within)
        for _ in range(times):
            await self._page.keyboard.press(key)

    async def tick(self, name: Name) -> None:
        """Choose one of several, or take the choice back."""
        await self.to(name, "checkbox")
        await self._page.keyboard.press("Space")

    async def choose(self, group: Locator, option: Name) -> None:
        """Choose one of a few: Tab leads to the one that holds, the arrows to the others."""
        held = group.locator("input:checked")
        await self._reach(held if await held.count() else group.locator("input").first)
        wanted = group.get_by_role("radio", name=option)
        for _ in range(await group.locator("input").count()):
            if await _has_focus(wanted):
                break
            await self._page.keyboard.press("ArrowDown")
        if not await wanted.is_checked():
            await self._page.keyboard.press("Space")

    async def pick(self, label: str, typed: str, *, within: Locator | None = None) -> None:
        """Choose in the browser's own picker by the first letters."""
        await self.to(label, "combobox", within=within)
        await self._page.keyboard.type(typed)

    async def upload(self, label: str, path: Path) -> None:
        """Choose a file; the window of the system is not ours."""
        async with self._page.expect_file_chooser() as asked:  # heard from here on, before anything is pressed
            await self._reach(self._page.get_by_label(label, exact=True))
            await self._page.keyboard.press("Enter")
        await (await asked.value).set_files(path)

    async def _reach(self, wanted: Locator) -> None:
        await wanted.wait_for()
        is_behind = "control => document.activeElement.compareDocumentPosition(control) & 2"
        key = "Shift+Tab" if await wanted.evaluate(is_behind) else "Tab"
        for _ in range(80):
            if await _has_focus(wanted):
                return
            await self._page.keyboard.press(key)
        raise AssertionError(f"the keyboard does not reach {wanted}")


async def _has_focus(control: Locator) -> bool:
    return bool(await control.evaluate("control => control === document.activeElement"))


def heading(page: Page, title: str) -> Locator:
    """The heading of a wizard's step, or of its end."""
    return page.get_by_role("heading", level=2, name=title, exact=True)


def field(page: Page, key: str) -> Locator:
    """A field of a wizard's step that has several controls."""
    return page.locator(f"#wizard-{key}-control")


def box(page: Page, key: str) -> Locator:
    """A field of a wizard's step with all that is said there."""
    control = f"#wizard-{key}-control"
    return page.locator(f".bz-field:is({control}, :has({control}))")


def fault(page: Page, path: str) -> Locator:
    """What is wrong with a field, or with a cell by its path (`goals.0.target`), where it stands beside it."""
    return page.locator(f'[id="wizard-{path}-error"]')
