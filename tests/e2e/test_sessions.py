"""A session as a person lives with it: by keyboard, over night, on two devices, after a new password."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.e2e.conftest import PASSWORD, OpenContext, sign_in

LOGIN = re.compile(r"/login/?(\?.*)?$")
BOARD = re.compile(r"/portal/leaderboard/?$")
NEW_PASSWORD = "a new sentence to sign in with"


async def change_password(page: Page, current: str, new: str) -> None:
    await page.get_by_label("Current password", exact=True).fill(current)
    await page.get_by_label("New password", exact=True).fill(new)
    await page.get_by_role("button", name="Change password").click()


async def test_signing_in_and_reading_a_board_need_no_mouse(page: Page) -> None:
    await page.goto("/login")
    await expect(page.get_by_label("E-mail")).to_be_focused()
    await page.keyboard.type("client@acme.demo")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Password", exact=True)).to_be_focused()
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/portal/?$"))
    await expect(page.get_by_role("link", name="Leaderboard").first).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await page.get_by_role("link", name="Leaderboard").first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(BOARD)
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await page.get_by_role("radio", name="Month").focus()
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("radio", name="All time")).to_be_focused()
    await page.keyboard.press("Space")
    await expect(page.get_by_role("radio", name="All time")).to_be_checked()
    await expect(page.get_by_role("table", name="Points, all time")).to_be_visible()


async def test_a_session_whose_access_ran_out_over_night_resumes_by_itself(page: Page) -> None:
    await sign_in(page, "client@acme.demo")
    await page.context.clear_cookies(name="bz_access")
    await page.goto("/portal/leaderboard")
    await expect(page.get_by_role("table")).to_be_visible()
    await expect(page).to_have_url(BOARD)


async def test_a_new_password_ends_the_other_sessions_and_replaces_the_old_one(open_context: OpenContext) -> None:
    mine, other = [await (await open_context()).new_page() for _ in range(2)]
    for page in (mine, other):
        await sign_in(page, "client@initech.demo")
    await mine.goto("/portal/settings")
    await change_password(mine, "not the current one", NEW_PASSWORD)
    await expect(mine.get_by_text("This is not your current password")).to_be_visible()
    await expect(mine.get_by_label("Current password", exact=True)).to_be_focused()
    await change_password(mine, PASSWORD, NEW_PASSWORD)
    await expect(mine.get_by_text("Your other devices have been signed out.")).to_be_visible()
    await other.get_by_role("link", name="Leaderboard").first.click()
    await other.wait_for_url(LOGIN)
    await other.get_by_label("E-mail").fill("client@initech.demo")
    await other.get_by_label("Password", exact=True).fill(PASSWORD)
    await other.get_by_role("button", name="Sign in", exact=True).click()
    await expect(other.get_by_role("alert")).to_be_visible()
    await mine.reload()
    await expect(mine.get_by_role("table", name="Devices")).to_be_visible()
    await change_password(mine, NEW_PASSWORD, PASSWORD)
    await expect(mine.get_by_text("Your other devices have been signed out.")).to_be_visible()


async def test_signing_out_everywhere_ends_the_sessions_on_other_devices(open_context: OpenContext) -> None:
    here, there = [await (await open_context()).new_page() for _ in range(2)]
    for page in (here, there):
        await sign_in(page, "client@globex.demo")
    await here.get_by_role("button", name="Your menu").click()
    await here.get_by_role("menuitem", name="Sign out everywhere").click()
    await here.wait_for_url(LOGIN)
    await there.goto("/portal/leaderboard")
    await there.wait_for_url(LOGIN)


async def test_another_platform_is_kept_until_one_changes_back(page: Page) -> None:
    await sign_in(page, "admin@globex.demo")
    switcher = page.get_by_role("button", name="Switch platform")
    for platform in ("CorelDove (commerce)", "BizOSaaS"):
        await switcher.click()
        await page.get_by_role("menuitemradio", name=platform, exact=True).click()
        await expect(switcher).to_contain_text(platform)
        await page.reload()
        await expect(switcher).to_contain_text(platform)


async def test_a_link_without_its_invitation_says_so_before_anything_is_typed(page: Page) -> None:
    await page.goto("/register")
    await expect(page.get_by_text("Open the link in your invitation")).to_be_visible()
    await expect(page.get_by_label("E-mail")).to_have_count(0)
    await page.goto("/reset-password")
    await page.get_by_role("link", name="Ask for a new link").click()
    await page.wait_for_url(re.compile(r"/forgot-password/?$"))
