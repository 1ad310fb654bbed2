"""Wizards in a browser: by keyboard alone, with every message seen, resumed elsewhere, and completed once."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import PASSWORD, OpenContext, enter
from tests.e2e.steps import Seen, leave_and_come_back
from tests.support.keyboard import Keys, heading
from tests.support.servers import Server

SIZES = {"phone": (360, "admin@initech.demo"), "desktop": (1440, "admin@globex.demo")}
"""Each width with an organisation of its own: a draft belongs to one person."""
LEFT = Seen("Platforms and brand", ticked=(re.compile("^BizOSaaS$"),))
"""The step that is left in the middle."""


@pytest.mark.parametrize("size", SIZES)
async def test_onboarding_by_keyboard_from_an_empty_field_to_a_working_organisation(
    page: Page, open_context: OpenContext, site: Server, size: str
) -> None:
    width, email = SIZES[size]
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, email, "/wizards/onboarding")
    await expect(heading(page, "Company")).to_be_visible()
    name = await page.get_by_label("Company name").input_value()
    keys = Keys(page)
    await tell_of_the_company(page, keys, name)
    await choose_platforms(page, keys)
    await leave_and_come_back(page, await (await open_context()).new_page(), email, LEFT)
    await name_team_and_goals(page, keys, f"new-{size}@example.com")
    await look_back(page, keys)
    await keys.press("Activate organisation")
    await expect(heading(page, f"{name} is ready")).to_be_visible()
    await expect(page.get_by_text(f"new-{size}@example.com")).to_be_visible()
    assert invited(site, email, f"new-{size}@example.com") == 1


async def tell_of_the_company(page: Page, keys: Keys, name: str) -> None:
    await keys.write("Company name", "A")
    await keys.write("Website", "example.com")
    await keys.press("Continue")
    await expect(page.get_by_text("Use at least 2 characters")).to_be_visible()
    await expect(page.get_by_text("Write the whole address, such as https://example.com")).to_be_visible()
    await expect(page.get_by_label("Company name")).to_be_focused()
    await keys.write("Company name", name)
    await keys.write("Website", "https://example.com")
    await keys.press("Continue")
    await expect(heading(page, "Platforms and brand")).to_be_focused()


async def choose_platforms(page: Page, keys: Keys) -> None:
    await keys.press("Continue")
    await expect(page.get_by_text("Choose at least one platform")).to_be_visible()
    await keys.to("BizOSaaS", "checkbox")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("checkbox", name="BizOSaaS", exact=True)).to_be_checked()


async def name_team_and_goals(page: Page, keys: Keys, address: str) -> None:
    await keys.press("Continue")
    await expect(heading(page, "Team and goals")).to_be_visible()
    await keys.press("Continue")
    await expect(page.get_by_text("Add at least one goal")).to_be_visible()
    await keys.press("Add a row to People to invite")
    await keys.write("E-mail", "nobody")
    await keys.press("Add a row to Goals")
    await keys.to("Goal", "combobox")
    await page.keyboard.type("Win")
    await keys.write("How many", "0")
    await keys.press("Continue")
    await expect(page.get_by_text("Use an address such as name@example.com")).to_be_visible()
    await expect(page.get_by_text("Use at least 1", exact=False).first).to_be_visible()
    await keys.write("E-mail", address)
    await keys.write("How many", "12")
    await keys.press("Continue")
    await expect(heading(page, "Review and activate")).to_be_visible()
    await expect(page.get_by_text("1 sent by mail")).to_be_visible()


async def look_back(page: Page, keys: Keys) -> None:
    """From the last step to the first and forwards again."""
    await keys.press(re.compile("^Company.*done"))
    await expect(page.get_by_label("Website")).to_have_value("https://example.com")
    await keys.press(re.compile("^Review and activate"))
    await expect(heading(page, "Review and activate")).to_be_visible()


def invited(site: Server, email: str, wanted: str) -> int:
    """Count the invited people of this address over HTTP."""
    with httpx.Client(base_url=site.url, timeout=30) as client:
        answer = client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD}).raise_for_status()
        client.cookies.clear()
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        people = client.get("/api/v1/users", params={"limit": 200}, headers=bearer).raise_for_status().json()["items"]
    return sum(person["email"] == wanted and person["status"] == "invited" for person in people)


async def test_two_tabs_of_one_draft_tell_what_one_took_from_the_other(page: Page, open_context: OpenContext) -> None:
    await enter(page, "admin@acme.demo", "/wizards/onboarding")
    await expect(page.get_by_label("Company name")).to_be_visible()
    other = await (await open_context()).new_page()
    await enter(other, "admin@acme.demo", "/wizards/onboarding")
    await other.get_by_label("Industry").fill("From the phone")
    await other.get_by_label("Industry").blur()
    await expect(other.get_by_text("From the phone").first).to_be_visible()
    await other.get_by_label("Time zone").fill("Asia/Tokyo")
    await other.get_by_label("Time zone").blur()
    await expect(other.locator(".bz-aside").get_by_text("Asia/Tokyo")).to_be_visible()
    # Saving another field shows what the phone wrote; going on does not write the empty field over it.
    await page.get_by_label("Website").fill("https://example.com")
    await page.get_by_label("Website").blur()
    await expect(page.get_by_label("Industry")).to_have_value("From the phone")
    await expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    await other.get_by_label("Industry").fill("From the phone again")
    await other.get_by_label("Industry").blur()
    await expect(other.get_by_text("From the phone again").first).to_be_visible()
    await page.get_by_label("Industry").fill("From the desk")
    await page.get_by_label("Industry").blur()
    told = page.get_by_text("was changed elsewhere meanwhile")
    await expect(told).to_contain_text("From the phone again")
    await page.get_by_role("button", name="Use that instead").click()
    await expect(page.get_by_label("Industry")).to_have_value("From the phone again")
    await expect(told).to_have_count(0)
    # This tab goes on to the next step; the other one stays where its person is at work.
    await page.get_by_role("button", name="Continue").click()
    await expect(heading(page, "Platforms and brand")).to_be_visible()
    await other.get_by_label("Website").fill("https://example.org")
    await other.get_by_label("Website").blur()
    await expect(other.locator(".bz-aside").get_by_text("https://example.org")).to_be_visible()
    await expect(heading(other, "Company")).to_be_visible()
