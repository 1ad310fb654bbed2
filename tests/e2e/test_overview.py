"""The overviews: an administrator's morning, and the platform's console."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Page, expect

from bizosaas_app.kernel.clock import utc_now
from tests.e2e.conftest import PASSWORD, OpenContext, enter
from tests.e2e.test_pages import judge, looks, photograph
from tests.support.results import superuser
from tests.support.servers import Server

FAILED = """
INSERT INTO job_runs (tenant_id, id, kind, title, status, done, note, result, failure, is_cancel_asked,
    created_at, updated_at, finished_at)
SELECT tenant_id, %s, 'x', %s, 'failed', 0, '', '{}', 'The supplier''s server did not answer', false, %s, %s, %s
FROM users WHERE email = %s
"""
WIDTHS = pytest.mark.parametrize("width", [360, 1440])


async def narrow_to(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})


async def choose_period(page: Page, label: str, key: str, width: int) -> None:
    """Choose in the segmented control, or on a phone in its own picker."""
    if width < 640:
        await page.get_by_label("Period").locator("visible=true").select_option(key)
    else:
        await page.get_by_role("radio", name=label, exact=True).click()


@WIDTHS
async def test_an_administrator_compares_periods_and_keeps_them_in_the_address(page: Page, width: int) -> None:
    await narrow_to(page, width)
    await enter(page, "admin@acme.demo", "/admin")
    await expect(page.get_by_text("Conversion rate")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"than the 30 days before")).first).to_be_visible()
    await choose_period(page, "7 days", "7d", width)
    await expect(page.get_by_text(re.compile(r"the 7 days before")).first).to_be_visible()
    await page.wait_for_url(re.compile(r"/admin/?\?period=7d$"))
    await page.reload()
    await expect(page.get_by_text(re.compile(r"the 7 days before")).first).to_be_visible()
    await choose_period(page, "Own dates", "own", width)
    await page.get_by_label("From").fill("2026-11-20")
    await page.get_by_label("To", exact=True).fill("2026-11-10")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("Must not be later than the last day")
    await page.get_by_label("From").fill("2026-11-01")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.get_by_text("1 to 10 November 2026")).to_be_visible()
    await page.wait_for_url(re.compile(r"period=own&from=2026-11-01&to=2026-11-10$"))
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


@WIDTHS
async def test_the_chart_shows_the_chosen_measures_and_the_same_as_a_table(page: Page, width: int) -> None:
    await narrow_to(page, width)
    await enter(page, "admin@acme.demo", "/admin")
    for name in ("Points", "Unlocks"):
        await page.get_by_role("button", name=name, exact=True).click()
    await expect(page.get_by_role("button", name="Clicks", exact=True)).to_be_disabled()
    await expect(page.locator(".bz-chart .recharts-line")).to_have_count(4)
    await page.get_by_role("button", name="Events", exact=True).click()
    await expect(page.locator(".bz-chart .recharts-line")).to_have_count(3)
    await page.get_by_role("tab", name="Table").click()
    table = page.get_by_role("region", name="The measures by day").get_by_role("table")
    await expect(table.get_by_role("columnheader")).to_have_text(["Day", "Active members", "Points", "Unlocks"])
    await expect(table.get_by_role("row")).to_have_count(31)


async def test_the_figures_are_taken_along_as_a_file(page: Page) -> None:
    await enter(page, "admin@acme.demo", "/admin")
    await page.get_by_role("button", name="Export CSV").click()
    async with page.expect_download() as waiting:
        await page.get_by_role("menuitem", name="Figures by day").click()
    file = await waiting.value
    assert re.fullmatch(r"bizosaas-daily-\d{4}-\d\d-\d\d-to-\d{4}-\d\d-\d\d\.csv", file.suggested_filename)


@WIDTHS
async def test_what_waits_appears_by_itself_and_leads_to_where_it_is_decided(
    page: Page, api: httpx.Client, width: int
) -> None:
    await narrow_to(page, width)
    await enter(page, "admin@acme.demo", "/admin")
    await expect(page.get_by_role("link", name=re.compile("referrals? to review"))).to_be_visible()
    await page.evaluate("window.stillHere = true")
    api.post("/api/v1/users/invites", json={"email": f"new-{uuid.uuid4().hex[:8]}@x.example"}).raise_for_status()
    invitations = page.get_by_role("link", name=re.compile("invitations? not answered"))
    await expect(invitations).to_be_visible()
    assert await page.evaluate("window.stillHere") is True
    await invitations.click()
    await page.wait_for_url(re.compile(r"/admin/users/?\?status=invited$"))
    await expect(page.get_by_role("row", name=re.compile("Invited")).first).to_be_visible()
    await expect(page.get_by_role("row", name=re.compile("Active"))).to_have_count(0)


@WIDTHS
async def test_the_failed_jobs_that_the_card_counts_are_those_of_its_list(page: Page, site: Server, width: int) -> None:
    email = {360: "admin@initech.demo", 1440: "admin@globex.demo"}[width]
    with superuser(site) as database:
        database.execute("DELETE FROM job_runs WHERE title LIKE 'Counting of day %'")  # of a first try
        for number in range(24):
            at = utc_now() - timedelta(days=number / 4 if number < 22 else 8)
            database.execute(FAILED, (uuid.uuid4(), f"Counting of day {number}", at, at, at, email))
    await narrow_to(page, width)
    await enter(page, email, "/admin")
    card = page.get_by_role("button", name=re.compile("jobs failed within a week"))
    await expect(card).to_contain_text("22")
    await card.click()
    dialog = page.get_by_role("dialog", name="Failed jobs")
    await expect(dialog.get_by_role("listitem")).to_have_count(20)
    await expect(dialog.get_by_text("The latest 20 of 22")).to_be_visible()
    async for look in looks(page, (width,)):
        await dialog.get_by_role("button", name="Close").scroll_into_view_if_needed()
        await photograph(page, "/admin/failed-jobs", look)
        await judge(page)


@WIDTHS
async def test_the_platform_makes_a_tenant_that_is_found_at_once(page: Page, width: int) -> None:
    await narrow_to(page, width)
    await enter(page, "root@bizosaas.demo", "/platform")
    name = f"Nordlicht {uuid.uuid4().hex[:6]}"
    await page.get_by_role("button", name="Create a tenant").click()
    dialog = page.get_by_role("dialog", name="Create a tenant")
    await dialog.get_by_label("Name", exact=True).fill(name)
    await dialog.get_by_label("First administrator's e-mail").fill("client@acme.demo")
    await dialog.get_by_role("button", name="Create tenant").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("belongs to an account already")
    await expect(dialog.get_by_label("Name", exact=True)).to_have_value(name)
    await dialog.get_by_label("First administrator's e-mail").fill(f"{uuid.uuid4().hex[:8]}@x.example")
    await dialog.get_by_label("Time zone").select_option("Europe/Berlin")
    await dialog.get_by_role("button", name="Create tenant").click()
    await expect(dialog).to_be_hidden()
    await page.get_by_role("searchbox").fill(name)
    row = page.get_by_role("row", name=re.compile(name))
    await expect(row).to_contain_text(name.lower().replace(" ", "-"))
    await expect(page.get_by_role("row", name=re.compile("Globex"))).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


@WIDTHS
async def test_a_suspended_tenants_people_are_out_at_once_and_come_back(open_context: OpenContext, width: int) -> None:
    root, member = [await (await open_context()).new_page() for _ in range(2)]
    await narrow_to(root, width)
    await enter(member, "client@initech.demo", "/portal")
    await enter(root, "root@bizosaas.demo", "/platform")
    await root.get_by_role("button", name="Suspend Initech").click()
    dialog = root.get_by_role("dialog", name="Suspend Initech?")
    await dialog.get_by_label("Short name").fill("initec")
    await dialog.get_by_role("button", name="Suspend tenant").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Type initech to confirm")
    await dialog.get_by_label("Short name").fill("initech")
    await dialog.get_by_role("button", name="Suspend tenant").click()
    await expect(dialog).to_be_hidden()
    await member.goto("/portal/leaderboard")
    await member.wait_for_url(re.compile(r"/login"))
    await root.get_by_role("button", name="Let Initech in again").click()
    await root.get_by_role("alertdialog").get_by_role("button", name="Let in again").click()
    await expect(root.get_by_role("button", name="Suspend Initech")).to_be_visible()
    await member.get_by_label("E-mail").fill("client@initech.demo")
    await member.get_by_label("Password", exact=True).fill(PASSWORD)
    await member.get_by_role("button", name="Sign in", exact=True).click()
    await member.wait_for_url(re.compile(r"/portal/leaderboard/?$"))


async def test_the_console_shows_the_engines_and_leads_to_the_database(page: Page) -> None:
    await enter(page, "root@bizosaas.demo", "/platform")
    await expect(page.get_by_role("row", name=re.compile("PostgreSQL Operational"))).to_be_visible()
    await expect(page.locator(".bz-services .bz-spark").first).to_be_visible()
    await expect(page.get_by_role("main").locator('a[href="/sqladmin/"]')).to_be_visible()
