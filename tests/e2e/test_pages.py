"""What holds for every page: a quiet console, nothing that a screen reader cannot read, and an end where it ends."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final, Literal

import httpx
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Response, expect

from pages.routes import PAGES
from tests.e2e.axe import judge
from tests.e2e.conftest import enter, sign_in

VISITORS: Final = (
    "/login",
    "/forgot-password",
    "/reset-password?token=x",
    "/register?invite=x",
    "/unsubscribe?token=x",
)
SHOWCASES: Final = ("steady-work-that-friends-recommend", "how-acme-keeps-its-team-moving")
BESIDE: Final = {
    "client@acme.demo": (
        "/portal/agents/run?agent=receivables_watch",
        "/portal/portfolio/showcase?id=38a4b0a8-1c0b-55b9-b155-7f38c0dd00bc",
    ),
    "admin@acme.demo": (
        "/admin/achievements?tab=reviews",
        "/admin/achievements/design?key=campaign-fortnight",
        "/admin/referrals?tab=conversions",
        "/wizards/onboarding",
        "/wizards/campaign",
        "/wizards/social",
        "/wizards/sourcing",
        "/wizards/payments",
        "/admin/referrals?tab=payouts",
        "/admin/products?tab=offers",
        "/admin/products?tab=imports",
        "/admin/agents?tab=runs",
        "/admin/agents?tab=proposals",
        "/admin/agents?tab=budget",
        "/admin/agents/run?agent=receivables_watch",
        "/admin/leaderboards/board?board=points",
        "/admin/settings?tab=api",
        "/admin/settings?tab=keys",
        "/admin/settings?tab=sharing",
    ),
    "root@bizosaas.demo": (),
}
"""What the table of pages does not name: tabs, and pages that need something to show."""
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
PHONE: Final = 360
WIDTHS: Final = (PHONE, 1440)
SCREENS: Final = Path(__file__).resolve().parents[2] / ".artefacts" / "screens"
UNREADABLE: Final = {
    "color-contrast": "<p style='color: #bbb; background: #fff'>Pale words</p>",
    "image-alt": "<img src='data:,'>",
    "target-size": "<button style='all: unset; font-size: 8px'>a</button><button style='all: unset'>b</button>",
}
"""By rule: what breaks it."""
TOUCHED: Final = 44
"""How high a finger finds a control, in pixels (WCAG 2.2, 2.5.5); words that are links keep 2.5.8."""
TOO_LOW: Final = """least => {
  const controls = "button, select, textarea, input, [role=tab], [role=radio], [role=combobox]";
  const target = control => (control.matches("[type=checkbox], [type=radio], [role=checkbox], [role=switch]")
    ? control.closest("label") ?? control : control.closest(".rt-TextFieldRoot") ?? control);
  const isSeen = control => control.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && control.getBoundingClientRect().width > 1 && !control.closest("[aria-hidden=true]");
  return [...document.querySelectorAll(controls)].filter(isSeen).map(target)
    .filter(control => Math.round(control.getBoundingClientRect().height) < least)
    .map(control => `${control.getBoundingClientRect().height} px: ${control.outerHTML.slice(0, 120)}`);
}"""


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


def pages_of(email: str) -> list[str]:
    """Give the pages that are this person's: each stands under the home of the role that it is made for."""
    home = {"client": "/portal", "admin": "/admin", "root": "/platform"}[email.partition("@")[0]]
    routes = [spec.route for spec in PAGES if spec.route == home or spec.route.startswith(f"{home}/")]
    return [route for route in routes if not route.endswith("/run")] + list(BESIDE[email])


async def inspect(page: Page, path: str) -> None:
    """Open a page with its data on it, at both widths and in both themes: it fits, is judged and is photographed."""
    await page.goto(path)
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    await expect(page.locator(".bz-skel")).to_have_count(0)
    async for look in looks(page):
        await photograph(page, path, look)
        await judge(page)


async def looks(page: Page, widths: Sequence[int] = WIDTHS) -> AsyncIterator[str]:
    """Show the page at each width in both themes, and give the name of each look; at every width it fits."""
    for width in widths:
        await page.set_viewport_size({"width": width, "height": 900})
        for scheme in THEMES:
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await expect(page.locator("html")).to_have_class(re.compile(scheme))
            yield f"{width}-{scheme}"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} at {width}"
        if width == PHONE:
            assert await page.evaluate(TOO_LOW, TOUCHED) == [], page.url


async def photograph(page: Page, path: str, how: str) -> None:
    """Keep what the page looks like among the artefacts of the run."""
    name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "root"
    await page.screenshot(path=SCREENS / f"{name}-{how}.png", animations="disabled")


@pytest.mark.parametrize("rule", UNREADABLE)
async def test_what_not_everybody_can_read_is_told_by_its_rule(browser: Browser, rule: str) -> None:
    page = await browser.new_page()
    try:
        await page.set_content(f"<html lang=en><title>A page</title><main>{UNREADABLE[rule]}</main></html>")
        with pytest.raises(AssertionError, match=rf"(?s)Found 1 .*\b{rule} - "):
            await judge(page)
    finally:
        await page.close()


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


@pytest.mark.parametrize(("email", "path"), [(email, path) for email in BESIDE for path in pages_of(email)])
async def test_signed_in_pages_are_accessible_and_quiet(page: Page, email: str, path: str) -> None:
    complaints = Complaints()
    await enter(page, email)
    complaints.watch(page)
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
    await enter(page, "client@acme.demo", "/portal/leaderboard")
    await expect(page.get_by_role("row").nth(20)).to_be_attached()
    beyond = "document.documentElement.scrollHeight - document.querySelector('.bz-shell').offsetHeight"
    assert await page.evaluate(beyond) == 0


async def test_a_phone_offers_the_boards_in_its_own_picker(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 760})
    await enter(page, "client@acme.demo", "/portal/leaderboard")
    await page.get_by_role("combobox", name="Board").select_option("Approved referrals")
    await expect(page.get_by_role("heading", name="Approved referrals")).to_be_visible()


async def test_the_notice_of_another_roles_page_is_said_once(page: Page) -> None:
    notice = page.get_by_text("That page belongs to another role")
    await enter(page, "client@acme.demo", "/admin")
    await expect(notice).to_be_visible()
    await page.get_by_role("link", name="Leaderboard").first.click()
    await expect(page.get_by_role("table")).to_be_visible()
    await expect(notice).to_have_count(0)


async def test_a_move_of_ones_own_is_read_out_and_shown(page: Page, api: httpx.Client) -> None:
    await enter(page, "client@acme.demo", "/portal/leaderboard")
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


async def test_the_rail_shows_the_entry_of_the_page_and_the_api_to_those_who_may_hold_its_keys(page: Page) -> None:
    rail = page.get_by_role("complementary").filter(has=page.get_by_role("navigation", name="Main", exact=True))
    await page.set_viewport_size({"width": 1440, "height": 700})
    await sign_in(page, "admin@acme.demo")
    await expect(rail.get_by_role("link", name="Overview")).to_be_in_viewport(ratio=1)
    await page.goto("/wizards/payments")
    await expect(rail.get_by_role("link", name="Payments")).to_be_in_viewport(ratio=1)
    await expect(rail.get_by_role("link", name="API reference")).to_be_visible()
    await page.context.clear_cookies()
    await sign_in(page, "client@acme.demo")
    await expect(rail.get_by_role("link", name="Leaderboard")).to_be_visible()
    await expect(rail.get_by_role("link", name="API reference")).to_have_count(0)
