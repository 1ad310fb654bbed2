"""What each role does first, in a real browser."""

from __future__ import annotations

import asyncio
import re
import uuid

import httpx
import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.conftest import PASSWORD, OpenContext, own_score, sign_in
from tests.support.servers import Server

LOGIN = re.compile(r"/login/?(\?.*)?$")
HOMES = {
    "client@acme.demo": "/portal",
    "admin@acme.demo": "/admin",
    "root@bizosaas.demo": "/platform",
}


@pytest.mark.parametrize(("email", "home"), HOMES.items())
async def test_each_role_lands_on_its_own_home_with_real_figures(page: Page, email: str, home: str) -> None:
    await sign_in(page, email, then=home)
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    await expect(page.locator(".bz-stat").first).to_contain_text(re.compile(r"\d"))


async def hold_code(page: Page) -> asyncio.Event:
    """Keep the modules of the pages to come from the browser, until the event is set."""
    may_come = asyncio.Event()

    async def late(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    await page.route("**/assets/*.js", late)
    return may_come


async def test_what_is_pressed_before_the_pages_code_is_there_is_done_once_it_is(page: Page) -> None:
    may_come = await hold_code(page)
    await page.goto("/login", wait_until="commit")
    await page.get_by_label("E-mail").fill("client@acme.demo")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("Password", exact=True).press("Enter")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    assert page.url.endswith("/login")
    may_come.set()
    await page.wait_for_url(re.compile(r"/portal/?$"))
    await page.unroute_all()


async def test_a_menu_pressed_before_the_pages_code_is_there_opens_once_it_is(page: Page) -> None:
    await sign_in(page, "client@acme.demo")
    await (await page.context.new_cdp_session(page)).send("Network.setCacheDisabled", {"cacheDisabled": True})
    may_come = await hold_code(page)
    await page.goto("/portal", wait_until="commit")
    await page.locator(".bz-userbtn").click()
    await expect(page.get_by_role("menu")).to_have_count(0)
    may_come.set()
    await expect(page.get_by_role("menu")).to_be_visible()
    await page.unroute_all()


async def test_a_password_does_not_come_into_the_address_when_the_pages_code_never_comes(page: Page) -> None:
    await page.route("**/assets/*.js", lambda route: route.abort())
    await page.goto("/login")
    await page.get_by_label("E-mail").fill("client@acme.demo")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("Password", exact=True).press("Enter")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    assert page.url.endswith("/login")


@pytest.mark.parametrize(
    ("email", "foreign", "home"),
    [
        ("client@acme.demo", "/admin", "/portal"),
        ("client@acme.demo", "/platform", "/portal"),
        ("client@acme.demo", "/admin/agents", "/portal"),
        ("client@acme.demo", "/admin/agents/run?agent=receivables_watch", "/portal"),
        ("admin@acme.demo", "/platform", "/admin"),
        ("root@bizosaas.demo", "/portal", "/platform"),
        ("root@bizosaas.demo", "/portal/agents", "/platform"),
    ],
)
async def test_a_page_of_another_role_leads_home_with_a_notice(page: Page, email: str, foreign: str, home: str) -> None:
    await sign_in(page, email, then=home)
    await page.goto(foreign)
    await page.wait_for_url(re.compile(rf"{home}/?$"))
    await expect(page.get_by_text("That page belongs to another role")).to_be_visible()


async def test_a_signed_out_visitor_comes_back_to_where_he_wanted_to_go(page: Page) -> None:
    await page.goto("/portal/leaderboard")
    await page.wait_for_url(re.compile(r"/login/?\?next=(/|%2F)portal(/|%2F)leaderboard"))
    await page.get_by_label("E-mail").fill("client@acme.demo")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(re.compile(r"/portal/leaderboard/?$"))
    await expect(page.get_by_role("table")).to_be_visible()


@pytest.mark.parametrize(
    "target", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_next_never_leads_away_from_us(page: Page, site: Server, target: str) -> None:
    await page.goto(f"/login?next={target}")
    await page.get_by_label("E-mail").fill("client@acme.demo")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(re.compile(r"/portal/?$"))
    assert page.url.startswith(site.url)


async def test_a_wrong_password_is_told_beside_the_form_and_loses_nothing(page: Page) -> None:
    await page.goto("/login")
    await page.get_by_label("E-mail").fill("client@globex.demo")
    await page.get_by_label("Password", exact=True).fill("wrong-password-1")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("E-mail")).to_have_value("client@globex.demo")
    assert page.url.rstrip("/").endswith("/login")


async def test_a_score_event_over_http_moves_the_other_browsers_board_without_a_reload(
    open_context: OpenContext, api: httpx.Client
) -> None:
    viewers = [await (await open_context()).new_page() for _ in range(2)]
    for viewer, email in zip(viewers, ["client@acme.demo", "admin@acme.demo"], strict=True):
        await sign_in(viewer, email)
        await viewer.goto("/portal/leaderboard")
        await expect(viewer.get_by_role("table")).to_be_visible()
        await viewer.evaluate("window.stillHere = true")
    users = api.get("/api/v1/users", params={"limit": 200}).json()["items"]
    client = next(user for user in users if user["email"] == "client@acme.demo")
    total = f"{await own_score(viewers[0]) + 50_000:,}"
    event = {"event_id": str(uuid.uuid4()), "type": "task.completed", "user_id": client["id"], "value": 50_000}
    assert api.post("/api/v1/gamification/events", json=event).status_code == 202
    for viewer in viewers:
        first = viewer.get_by_role("row").nth(1)
        await expect(first).to_contain_text(client["name"])
        await expect(first).to_contain_text(total)
        assert await viewer.evaluate("window.stillHere") is True
    assert (
        api.post(f"/api/v1/gamification/events/{event['event_id']}/reverse", json={"reason": "test"}).status_code == 200
    )
    for viewer in viewers:
        await expect(viewer.get_by_role("row").nth(1)).not_to_contain_text(total)


async def test_hiding_oneself_takes_the_row_from_everybody_elses_board(
    open_context: OpenContext, api: httpx.Client
) -> None:
    me, other = [await (await open_context()).new_page() for _ in range(2)]
    await sign_in(me, "client@acme.demo")
    await sign_in(other, "admin@acme.demo")
    for viewer in (me, other):
        await viewer.goto("/portal/leaderboard")
        await expect(viewer.get_by_role("table")).to_be_visible()
    users = api.get("/api/v1/users", params={"limit": 200}).json()["items"]
    client = next(user for user in users if user["email"] == "client@acme.demo")
    event = {"event_id": str(uuid.uuid4()), "type": "task.completed", "user_id": client["id"], "value": 60_000}
    assert api.post("/api/v1/gamification/events", json=event).status_code == 202
    await expect(other.get_by_role("row").nth(1)).to_contain_text(client["name"])
    await me.get_by_role("radio", name=re.compile("Hidden")).click()
    await expect(other.get_by_role("row").nth(1)).not_to_contain_text(client["name"])
    await me.get_by_role("radio", name=re.compile("Your name")).click()
    await expect(other.get_by_role("row").nth(1)).to_contain_text(client["name"])
    api.post(f"/api/v1/gamification/events/{event['event_id']}/reverse", json={"reason": "test"})


async def test_signing_out_ends_the_session_in_every_tab(open_context: OpenContext) -> None:
    context = await open_context()
    first, second = await context.new_page(), await context.new_page()
    await sign_in(first, "client@acme.demo")
    await second.goto("/portal/settings")
    await expect(second.get_by_role("heading", level=1)).to_be_visible()
    token = await (await first.wait_for_function("sessionStorage.getItem('token')")).json_value()
    await first.get_by_role("button", name=re.compile("Your menu")).click()
    await first.get_by_role("menuitem", name="Sign out", exact=True).click()
    await first.wait_for_url(LOGIN)
    assert await first.evaluate("sessionStorage.getItem('token')") != token
    await second.get_by_role("link", name="Leaderboard").first.click()
    await second.wait_for_url(LOGIN)


@pytest.mark.parametrize(
    "path",
    [
        "/login",
        "/portal",
        "/portal/leaderboard",
        "/portal/achievements",
        "/portal/agents",
        "/portal/agents/run?agent=receivables_watch",
        "/portal/notifications",
        "/portal/settings",
    ],
)
@pytest.mark.parametrize("width", [360, 1440])
async def test_no_page_scrolls_sideways(page: Page, path: str, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    if path != "/login":
        await sign_in(page, "client@acme.demo")
    await page.goto(path)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
