"""Designing achievements in a real browser: a rule is tried out as it is written, published, and reaches members."""

from __future__ import annotations

import re
import uuid

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenContext, enter
from tests.e2e.test_notices import publish, record

ADMIN, CLIENT = "admin@acme.demo", "client@acme.demo"
LIST, DESIGN, SHELF = "/admin/achievements", "/admin/achievements/design", "/portal/achievements"
WIDTHS = pytest.mark.parametrize("width", [360, 1440])


async def at(page: Page, width: int, email: str, path: str) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, email, path)
    await expect(page.locator(".bz-skel")).to_have_count(0)


@WIDTHS
async def test_a_rule_is_tried_out_as_it_is_written_and_published(page: Page, width: int) -> None:
    name = f"Sharp start {uuid.uuid4().hex[:6]}"
    await at(page, width, ADMIN, DESIGN)
    trial = page.locator(".bz-trial")
    await expect(trial).to_contain_text(re.compile(r"Would unlock for \d+ of \d+ members in the last 90 days"))
    await page.get_by_label("At least").fill("many")
    await expect(page.locator(".bz-rule-condition .bz-field-error")).to_contain_text("Must be a number above 0")
    await page.get_by_label("At least").fill("1")
    await page.get_by_label("Events", exact=True).select_option("campaign.launched")
    await expect(page.locator(".bz-rule-said")).to_have_text("When a member has 1 or more campaigns launched.")
    await expect(trial).to_contain_text("Would unlock for")

    await page.get_by_role("button", name="Publish achievement").click()
    await expect(page.locator("#design-name-error")).not_to_be_empty()
    await page.get_by_label("Name", exact=True).fill(name)
    await expect(page.get_by_label("Key", exact=True)).to_have_value(name.lower().replace(" ", "-"))
    await expect(page.get_by_label("Preview")).to_contain_text(name)
    await page.get_by_role("button", name="Publish achievement").click()
    dialog = page.get_by_role("alertdialog")
    await expect(dialog).to_contain_text(re.compile(r"\d+ members have earned it already and get it at once"))
    await dialog.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("heading", name=f"{name} is published")).to_be_visible()
    await expect(page.get_by_role("main")).to_contain_text(re.compile(r"\d+ members have it now"))

    await page.get_by_role("link", name="All achievements").last.click()
    await page.get_by_label("Search by name or key").fill(name)
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.get_by_role("button", name=f"Archive {name}").click()
    await page.get_by_role("button", name="Archive", exact=True).click()
    await expect(page.locator("tbody tr")).to_contain_text("Archived")


@WIDTHS
async def test_a_sentence_becomes_a_rule_with_conditions_and_filters(page: Page, width: int) -> None:
    await at(page, width, ADMIN, DESIGN)
    await page.get_by_label("Draft from a sentence").fill("win 3 leads within a week and publish 2 articles")
    await page.get_by_role("button", name="Draft", exact=True).click()
    said = page.locator(".bz-rule-said")
    await expect(said).to_have_text(
        "When a member has 3 or more leads won within a calendar week, and 2 or more pieces of content published."
    )
    await page.get_by_label("How many are needed").select_option("any_of")
    await expect(said).to_contain_text(", or 2 or more")
    await page.get_by_role("button", name="Remove Condition 2").click()
    await expect(page.locator(".bz-rule-condition")).to_have_count(1)
    await expect(page.get_by_role("button", name="Add a condition")).to_be_focused()
    await page.get_by_role("button", name="Filter", exact=True).click()
    await page.get_by_label("Value").fill("40")
    await expect(said).to_have_text(
        "When a member has 3 or more leads won where points is at least 40 within a calendar week."
    )
    await expect(page.locator(".bz-trial")).to_contain_text("Would unlock for")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@WIDTHS
async def test_a_doubtful_unlock_is_decided_with_a_note(page: Page, width: int) -> None:
    await at(page, width, ADMIN, f"{LIST}?tab=reviews")
    if width == 360:
        row = page.locator("tbody tr").first
        await expect(row).to_contain_text("Faster than a person")
        await row.get_by_role("button", name=re.compile("^Confirm")).click()
        await page.get_by_label("Note (optional)").fill("An import")
        await page.get_by_role("button", name="Confirm unlock").click()
        await expect(page.get_by_role("heading", name="Nothing to decide")).to_be_visible()
        return
    await page.get_by_role("button", name="Show decided ones").click()
    await expect(page.locator("tbody tr").first).to_contain_text("An import")


@WIDTHS
async def test_progress_and_an_unlock_arrive_on_the_open_page(
    open_context: OpenContext, api: httpx.Client, width: int
) -> None:
    name = f"Live {uuid.uuid4().hex[:6]}"
    act = publish(api, name)
    page = await (await open_context()).new_page()
    await at(page, width, CLIENT, SHELF)
    await expect(page.get_by_label("Next goals").locator("li")).to_have_count(3)
    await expect(page.get_by_role("heading", level=2, name=re.compile("^Loyalty"))).to_be_visible()
    card = page.locator(".bz-shelf-card", has_text=name)
    await expect(card).to_have_attribute("data-status", "locked")
    record(api, CLIENT, act)
    await expect(card).to_have_attribute("data-status", "unlocked")
    await expect(page.locator(".bz-moment-card").first).to_be_visible()
    await page.get_by_label("Category").select_option("social")
    await expect(page.get_by_role("heading", level=2, name=re.compile("^Loyalty"))).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
