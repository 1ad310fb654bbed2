"""What holds for every page: a quiet console, nothing that a screen reader cannot read, and an end where it ends."""

from __future__ import annotations

import re
import uuid
from typing import Final, Literal

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Page, Response, expect

from tests.e2e.conftest import sign_in

VISITORS: Final = (
    "/login",
    "/forgot-password",
    "/reset-password?token=x",
    "/register?invite=x",
    "/unsubscribe?token=x",
)
SHOWCASES: Final = ("steady-work-that-friends-recommend", "how-acme-keeps-its-team-moving")
MEMBERS: Final = {
    "client@acme.demo": (
        "/portal",
        "/portal/leaderboard",
        "/portal/achievements",
        "/portal/agents",
        "/portal/agents/run?agent=receivables_watch",
        "/portal/notifications",
        "/portal/settings",
    ),
    "admin@acme.demo": (
        "/admin",
        "/admin/agents",
        "/admin/agents?tab=runs",
        "/admin/agents?tab=proposals",
        "/admin/agents?tab=budget",
        "/admin/agents/run?agent=receivables_watch",
        "/portal/leaderboard",
    ),
    "root@bizosaas.demo": ("/platform", "/portal/settings"),
}
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WCAG: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


class Complaints(list[str]):
    """What the browser complains about: errors, warnings, broken addresses, breaches of the security policy."""

    def watch(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.append(f"{message.type}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.append(f"{response.status} {response.url}")


async def inspect(page: Page, path: str) -> None:
    """Open a page and let axe-core judge it in both themes, with its data on it."""
    await page.goto(path)
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    await expect(page.locator(".bz-skel")).to_have_count(0)
    for scheme in THEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await expect(page.locator("html")).to_have_class(re.compile(scheme))
        await judge(page)


async def judge(page: Page) -> None:
    found = await Axe().run(page, options=WCAG)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"


async def test_signed_out_pages_are_accessible_and_quiet(page: Page) -> None:
    complaints = Complaints()
    complaints.watch(page)
    for path in VISITORS:
        await inspect(page, path)
    assert complaints == []


@pytest.mark.parametrize("width", [360, 1440])
async def test_a_showcase_is_accessible_quiet_and_fits(page: Page, width: int) -> None:
    complaints = Complaints()
    complaints.watch(page)
    await page.set_viewport_size({"width": width, "height": 900})
    for slug in SHOWCASES:
        await page.goto(f"/showcase/{slug}")
        for scheme in THEMES:
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await judge(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []


@pytest.mark.parametrize("email", MEMBERS)
async def test_signed_in_pages_are_accessible_and_quiet(page: Page, email: str) -> None:
    complaints = Complaints()
    await sign_in(page, email)
    complaints.watch(page)
    for path in MEMBERS[email]:
        await inspect(page, path)
    assert complaints == []


async def test_menus_fit_a_phone_and_are_accessible(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 760})
    await sign_in(page, "admin@acme.demo")
    for button in ("Your menu", re.compile("unread notifications$")):
        await page.get_by_role("button", name=button).click()
        opened = page.locator("[role=menu], [role=dialog]")
        await expect(opened).to_have_count(1)
        box = await opened.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= 360 - box["width"]
        await judge(page)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name=button)).to_be_focused()


@pytest.mark.parametrize("width", [360, 1440])
async def test_the_board_ends_where_its_frame_ends(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await sign_in(page, "client@acme.demo")
    await page.goto("/portal/leaderboard")
    await expect(page.get_by_role("row").nth(40)).to_be_attached()
    beyond = "document.documentElement.scrollHeight - document.querySelector('.bz-shell').offsetHeight"
    assert await page.evaluate(beyond) == 0


async def test_a_phone_offers_the_boards_in_its_own_picker(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 760})
    await sign_in(page, "client@acme.demo")
    await page.goto("/portal/leaderboard")
    await page.get_by_role("combobox", name="Board").select_option("Approved referrals")
    await expect(page.get_by_role("heading", name="Approved referrals")).to_be_visible()


async def test_the_notice_of_another_roles_page_is_said_once(page: Page) -> None:
    notice = page.get_by_text("That page belongs to another role")
    await sign_in(page, "client@acme.demo")
    await page.goto("/admin")
    await expect(notice).to_be_visible()
    await page.get_by_role("link", name="Leaderboard").first.click()
    await expect(page.get_by_role("table")).to_be_visible()
    await expect(notice).to_have_count(0)


async def test_a_move_of_ones_own_is_read_out_and_shown(page: Page, api: httpx.Client) -> None:
    await sign_in(page, "client@acme.demo")
    await page.goto("/portal/leaderboard")
    me = page.locator("tr[data-me=true]")
    before = await me.locator(".bz-medal").inner_text()
    users = api.get("/api/v1/users", params={"limit": 200}).json()["items"]
    client = next(user for user in users if user["email"] == "client@acme.demo")
    event = {"event_id": str(uuid.uuid4()), "type": "task.completed", "user_id": client["id"], "value": 70_000}
    assert api.post("/api/v1/gamification/events", json=event).status_code == 202
    await expect(page.get_by_role("status").filter(has_text="You moved up to rank 1.")).to_have_count(1)
    await expect(me).to_contain_text(re.compile(r"up \d+ since yesterday"))
    moved = await me.locator(".bz-move").get_attribute("title")
    reverse = api.post(f"/api/v1/gamification/events/{event['event_id']}/reverse", json={"reason": "test"})
    assert reverse.status_code == 200
    await expect(
        page.get_by_role("status").filter(has_text=re.compile(f"You moved down to rank {before}"))
    ).to_have_count(1)
    await expect(me).not_to_contain_text(str(moved))
