"""The database console in a browser: from the platform's page to a row that is changed and a sheet that is kept."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.axe import judge
from tests.e2e.conftest import enter
from tests.e2e.guide import SCREENS
from tests.e2e.test_pages import PHONE, THEMES, WIDTHS

LONG = "Nobody: the words of a row are somebody's data, and a long one must not widen the page " * 3


async def look(page: Page, name: str) -> None:
    """See that the page fits at this width, can be read by everybody, and keep a picture of it in both themes."""
    width = await page.evaluate("innerWidth")
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for scheme in THEMES:
        await page.emulate_media(color_scheme=scheme)
        await page.screenshot(path=SCREENS / f"sqladmin-{name}-{width}-{scheme}.png", animations="disabled")
        await judge(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} at {width}"


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_row_is_found_changed_and_exported(page: Page, width: int) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, "root@bizosaas.demo", "/platform")
    await page.get_by_role("link", name="Open the database console").click()
    await expect(page.get_by_role("heading", name="Database console")).to_be_visible()
    await look(page, "places")
    await page.get_by_label("Find a tenant").fill("acme")
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("link", name=re.compile("^Acme")).click()
    await look(page, "tables")

    await page.get_by_role("main").get_by_role("link", name="achievements", exact=True).click()
    await look(page, "list")
    await page.get_by_text("Filters", exact=True).click()
    await page.get_by_label("How name is compared").select_option("contains")
    await page.get_by_label("name", exact=True).fill("a")
    await page.get_by_role("button", name="Apply").click()
    await expect(page).to_have_url(re.compile(r"name_op=contains.*name=a|name=a.*name_op=contains"))
    await look(page, "filtered")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Export CSV").click()
    sheet = Path(await (await download.value).path()).read_text(encoding="utf-8-sig")
    names = [row["name"] for row in csv.DictReader(sheet.splitlines())]
    assert names
    assert all("a" in name.lower() for name in names)

    await page.get_by_role("link", name="Open row 1", exact=True).click()
    await look(page, "row")
    await page.get_by_role("link", name="Edit").click()
    await page.get_by_label("Description").fill(LONG)
    await look(page, "form")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("definition").filter(has_text=LONG[:60])).to_be_visible()
    await look(page, "changed")
    if width == PHONE:
        await page.get_by_role("link", name="Acme", exact=False).first.click()
    await page.goto("/sqladmin/acme-corp/audit_log/list?action_op=equals&action=sqladmin.updated")
    await expect(page.get_by_role("cell", name="sqladmin.updated").first).to_be_visible()
    await look(page, "audit")
    await page.goto("/sqladmin/_shared/context_keys/list")
    await expect(page.get_by_text("This table is sealed.")).to_be_visible()
    await look(page, "sealed")
    assert told == []


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_password_is_asked_for_again_and_leads_back(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, "root@bizosaas.demo", "/sqladmin/_confirm?next=/sqladmin/acme-corp/products/list%3Fsearch%3Da")
    field = page.get_by_label("Password", exact=True)
    await expect(field).to_be_focused()
    await look(page, "confirm")
    await field.fill("Not-my-password-1")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("alert")).to_have_text("This is not your password")
    await look(page, "confirm-wrong")
    await field.fill("Demo-2026-pass!")
    await field.press("Enter")
    await expect(page).to_have_url(re.compile(r"/sqladmin/acme-corp/products/list\?search=a$"))
    await expect(page.get_by_role("heading", name="products")).to_be_visible()


async def test_whoever_signs_in_from_an_address_of_the_console_lands_there(page: Page) -> None:
    await page.goto("/sqladmin/acme-corp/products/list?search=a")
    await expect(page).to_have_url(re.compile(r"/login\?next="))
    await page.get_by_label("E-mail").fill("root@bizosaas.demo")
    await page.get_by_label("Password", exact=True).fill("Demo-2026-pass!")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page).to_have_url(re.compile(r"/sqladmin/acme-corp/products/list\?search=a$"))
    await expect(page.get_by_role("heading", name="products")).to_be_visible()
