"""Leaving, in real browsers: a tenant that is off-boarded, a member who is removed, an account that is deleted."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e import axe
from tests.e2e.conftest import PASSWORD, OpenContext, enter
from tests.support.servers import Server

ROOT, INITECH = "root@bizosaas.demo", "admin@initech.demo"
SHOTS = os.environ.get("BZ_SHOTS")
"""A folder for pictures, for whoever wants to look at the pages."""

widths = pytest.mark.parametrize("width", [360, 1440])


async def judge(page: Page, name: str) -> None:
    """Pass when the page is readable for everybody in both themes and no wider than the screen."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # two of them
        await axe.judge(page, axe.WCAG)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if SHOTS:
            width = (page.viewport_size or {}).get("width")
            await page.screenshot(path=Path(SHOTS, f"{name}-{width}-{scheme}.png"), full_page=True)


def bystanders(site: Server) -> list[dict[str, str]]:
    """People of the demo whom no other journey needs, the last to go first."""
    with httpx.Client(base_url=site.url, timeout=30) as client:
        answer = client.post("/api/v1/auth/login", json={"email": INITECH, "password": PASSWORD}).raise_for_status()
        client.cookies.clear()
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        query = {"limit": 200, "role": "user", "status": "active", "sort": "-email"}
        found = client.get("/api/v1/users", params=query, headers=headers).raise_for_status().json()["items"]
    return [person for person in found if not person["email"].startswith("client@")]


@widths
async def test_a_tenant_is_offboarded_by_its_typed_name_and_taken_back(page: Page, width: int) -> None:
    mark = uuid4().hex[:6]
    slug, name = f"leaver-{mark}", f"Leaver {mark}"
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, ROOT, "/platform")
    await page.get_by_role("button", name="Create a tenant").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name", exact=True).fill(name)
    await dialog.get_by_label("First administrator's e-mail").fill(f"boss-{mark}@leaver.example")
    await dialog.get_by_role("button", name="Create tenant").click()
    await expect(page.get_by_text(f"{name} is ready")).to_be_visible()
    await page.get_by_role("button", name=f"Suspend {name}").click()
    await dialog.get_by_label("Short name").fill(slug)
    await dialog.get_by_role("button", name="Suspend tenant").click()
    await page.get_by_role("button", name=f"Off-board {name}").click()
    await expect(dialog).to_contain_text("After 30 days all of it is deleted")
    await judge(page, "offboard")
    await dialog.get_by_label("Short name").fill("another")
    await dialog.get_by_role("button", name="Off-board tenant").click()
    await expect(dialog).to_contain_text(f"Type {slug} to confirm")
    await dialog.get_by_label("Short name").fill(slug)
    await dialog.get_by_role("button", name="Off-board tenant").click()
    row = page.get_by_role("row").filter(has_text=slug)
    await expect(row).to_contain_text("Leaving")
    await expect(row).to_contain_text("Deleted after")
    await expect(page.get_by_role("button", name=f"Let {name} in again")).to_have_count(0)
    await judge(page, "leaving")
    await page.get_by_role("button", name=f"Cancel the off-boarding of {name}").click()
    await page.get_by_role("button", name="Keep it").click()
    await expect(row).to_contain_text("Suspended")


@widths
async def test_an_administrator_removes_a_member_by_their_typed_address(page: Page, site: Server, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    person = bystanders(site)[0]
    name = person["name"]
    await enter(page, INITECH, "/admin/users")
    await page.get_by_placeholder("Search by name or address").fill(name)
    await page.get_by_role("button", name=f"Remove {name}", exact=True).click()
    question = page.get_by_role("dialog")
    await expect(question).to_contain_text("cannot be undone")
    await judge(page, "remove")
    await question.get_by_label("E-mail address").fill("another@initech.demo")
    await question.get_by_role("button", name="Remove").click()
    await expect(question).to_contain_text(f"Type {person['email']} to confirm")
    await question.get_by_label("E-mail address").fill(person["email"])
    await question.get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("Removed. What they did stays")).to_be_visible()
    await expect(page.get_by_role("button", name=f"Remove {name}", exact=True)).to_have_count(0)


async def taken(page: Page, button: str) -> list[str]:
    """Ask for an export, wait for it, take it, and give the names of its files."""
    await page.get_by_role("button", name=button, exact=True).click()
    link = page.get_by_role("link", name="Download the ZIP")
    await expect(link).to_be_visible(timeout=60_000)
    async with page.expect_download() as waiting:
        await link.click()
    with zipfile.ZipFile(await (await waiting.value).path()) as archive:
        return archive.namelist()


async def test_data_is_gathered_while_one_waits_and_downloaded(page: Page, open_context: OpenContext) -> None:
    await enter(page, "client@globex.demo", "/portal/settings")
    assert {"users.jsonl", "gamification_events.jsonl"} <= set(await taken(page, "Gather my data"))
    admin = await (await open_context()).new_page()
    await enter(admin, "admin@globex.demo", "/admin/settings")
    await admin.get_by_role("tab", name="Data").click()
    assert {"users.jsonl", "audit_log.jsonl", "products.jsonl"} <= set(await taken(admin, "Gather our data"))
    for shown, name in ((page, "own-data"), (admin, "tenant-data")):
        for width in (360, 1440):
            await shown.set_viewport_size({"width": width, "height": 900})
            await judge(shown, name)


async def test_a_member_deletes_the_own_account_with_the_password(
    page: Page, open_context: OpenContext, site: Server
) -> None:
    email = bystanders(site)[0]["email"]
    await enter(page, email)
    for width in (360, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.goto("/portal/settings")
        await expect(page.locator(".bz-skel")).to_have_count(0)
        await judge(page, "settings")
    form = page.get_by_role("form", name="Delete my account")
    await form.get_by_label("Your password").fill("Wrong-2026-pass!")
    await form.get_by_role("button", name="Delete my account").click()
    await expect(form).to_contain_text("This is not your password")
    await form.get_by_label("Your password").fill(PASSWORD)
    await form.get_by_role("button", name="Delete my account").click()
    await page.wait_for_url(re.compile("/login"))
    again = await (await open_context()).new_page()
    await again.goto("/login")
    await again.get_by_label("E-mail").fill(email)
    await again.get_by_label("Password", exact=True).fill(PASSWORD)
    await again.get_by_role("button", name="Sign in", exact=True).click()
    await expect(again.get_by_role("alert")).to_be_visible()
