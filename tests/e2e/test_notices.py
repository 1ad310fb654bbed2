"""Notices in real browsers: what happens to a member arrives on whatever page is open, and nowhere else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import PASSWORD, OpenContext, enter
from tests.e2e.guide import SCREENS
from tests.support.boards import until
from tests.support.servers import Server

BELL = re.compile("unread notifications$")
COVERED = """places => {
  const card = document.querySelector(".bz-moment-card").getBoundingClientRect();
  const meets = box => box.top < card.bottom && box.bottom > card.top && box.left < card.right && box.right > card.left;
  return places.filter(place => meets(place.getBoundingClientRect())).map(place => place.innerText);
}"""
"""What the card of an unlock stands over."""


@pytest.fixture
def globex(site: Server) -> Iterator[httpx.Client]:
    """An administrator of Globex over HTTP."""
    with httpx.Client(base_url=site.url, timeout=30) as client:
        answer = client.post("/api/v1/auth/login", json={"email": "admin@globex.demo", "password": PASSWORD})
        answer.raise_for_status()
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def members(api: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/api/v1/users", params={"limit": 200}).json()["items"]
    return found


def id_of(api: httpx.Client, email: str) -> str:
    return str(next(user["id"] for user in members(api) if user["email"] == email))


def record(api: httpx.Client, email: str, event_type: str, value: int = 1) -> str:
    """Record one event of a member as their administrator; give its id."""
    event = {"event_id": str(uuid.uuid4()), "type": event_type, "user_id": id_of(api, email), "value": value}
    assert api.post("/api/v1/gamification/events", json=event).status_code == 202
    return event["event_id"]  # type: ignore[return-value]


def publish(api: httpx.Client, name: str) -> str:
    """Publish an achievement for one act that nobody else records; give the act's type."""
    act = f"journey.{uuid.uuid4().hex}"
    body = {
        "key": f"journey-{uuid.uuid4().hex[:8]}",
        "name": name,
        "description": "Do what this journey does",
        "category": "loyalty",
        "points": 40,
        "trigger": {"event": act, "aggregate": "count", "threshold": 1},
    }
    answer = api.post("/api/v1/gamification/achievements/custom", json=body)
    assert answer.status_code == 201, answer.text
    return act


def first_score(api: httpx.Client) -> float:
    board = api.get("/api/v1/gamification/leaderboards/points", params={"window": "month", "limit": 1}).json()
    return float(board["entries"][0]["score"])


async def unread_on(page: Page) -> int:
    """The bell's count, which is short of the truth only beyond 99."""
    label = await page.get_by_role("button", name=BELL).get_attribute("aria-label")
    found = re.match(r"\d+", label or "")
    return int(found[0]) if found else 0


async def is_told(page: Page) -> None:
    """Wait until the page has looked at the inbox: what comes from now on is news to it."""
    await expect(page.locator(".bz-moment")).to_have_attribute("data-following", "true")


async def mark_page(page: Page) -> None:
    await is_told(page)
    await page.evaluate("window.stillHere = true")


async def is_same_page(page: Page) -> bool:
    return bool(await page.evaluate("window.stillHere === true"))


async def test_an_unlock_has_its_moment_on_its_members_open_page_and_on_no_other(
    open_context: OpenContext, api: httpx.Client
) -> None:
    me, other = [await (await open_context()).new_page() for _ in range(2)]
    for viewer, email in ((me, "client@acme.demo"), (other, "admin@acme.demo")):
        await enter(viewer, email, "/portal/settings")
        await expect(viewer.get_by_role("table", name="Devices")).to_be_visible()
        await mark_page(viewer)
    before = await unread_on(me)
    record(api, "client@acme.demo", publish(api, "Pathfinder"))
    card = me.get_by_role("article").filter(has_text="Pathfinder")
    await expect(card).to_contain_text("Achievement unlocked")
    await expect(me.get_by_role("status").filter(has_text="Achievement unlocked: Pathfinder.")).to_have_count(1)
    await expect(me.get_by_role("button", name=f"{before + 1} unread notifications")).to_be_visible()
    assert await is_same_page(me)
    await me.get_by_role("button", name="Dismiss: Pathfinder").click()
    await expect(card).to_have_count(0)
    await expect(me.get_by_role("button", name=BELL)).not_to_have_accessible_name(f"{before + 1} unread notifications")
    await me.get_by_role("button", name=BELL).click()
    await expect(me.get_by_role("dialog").get_by_role("link", name="Unlocked: Pathfinder")).to_be_visible()
    assert await is_same_page(other)
    await expect(other.get_by_role("article")).to_have_count(0)


async def test_on_a_phone_an_unlock_covers_neither_a_wizards_headings_nor_its_foot(
    page: Page, api: httpx.Client
) -> None:
    await page.set_viewport_size({"width": 360, "height": 800})
    await enter(page, "admin@acme.demo", "/wizards/sourcing")
    await expect(page.get_by_role("heading", level=2, name="Brief")).to_be_visible()
    await page.get_by_label("Name of this sourcing").fill("Mugs")
    await page.get_by_label("Name of this sourcing").blur()
    await expect(page.get_by_role("button", name="Start over")).to_be_visible()
    await is_told(page)
    record(api, "admin@acme.demo", publish(api, "Pocket mark"))
    card = page.get_by_role("article").filter(has_text="Pocket mark")
    await expect(card).to_be_visible()
    await expect(page.locator(".bz-moment-card")).to_be_in_viewport(ratio=1)
    await page.screenshot(path=SCREENS / "notices-moment-360-light.png", animations="disabled")
    assert await page.locator("main :is(h1, h2), .bz-wizard-foot, .bz-tabbar").evaluate_all(COVERED) == []
    await page.keyboard.press("End")
    await page.wait_for_function("scrollY + innerHeight > document.documentElement.scrollHeight - 2")
    await expect(page.get_by_role("button", name="Start over")).to_be_in_viewport(ratio=1)
    assert await page.get_by_role("button", name="Start over").evaluate_all(COVERED) == []


async def test_an_unlock_turns_its_card_on_the_shelf_and_waits_for_the_next_page(page: Page, api: httpx.Client) -> None:
    await enter(page, "client@acme.demo")
    act = publish(api, "Shelf mark")
    await page.goto("/portal/achievements")
    item = page.get_by_role("listitem").filter(has_text="Shelf mark")
    await expect(item).to_contain_text("Locked")
    await mark_page(page)
    record(api, "client@acme.demo", act)
    await expect(item).to_contain_text("Unlocked")
    assert await is_same_page(page)
    moment = page.get_by_role("article").filter(has_text="Shelf mark")
    await expect(moment).to_be_visible()
    await page.get_by_role("link", name="Settings").first.click()
    await expect(page.get_by_role("heading", level=1, name="Settings")).to_be_visible()
    await expect(moment).to_be_visible()


async def newcomer(api: httpx.Client, name: str) -> str:
    """Have somebody join by a referral code; give their address. The demo's own members were told of ranks just now."""
    code = api.post("/api/v1/gamification/referrals/generate", json={}).json()["code"]
    email = f"{name.lower()}-{uuid.uuid4().hex[:8]}@globex.demo"
    body = {"referral_code": code, "email": email, "password": PASSWORD, "name": name}
    assert api.post("/api/v1/auth/register", json=body).status_code == 202
    await until(lambda: email in {user["email"] for user in members(api)})
    return email


async def test_two_members_see_their_own_rank_change_without_a_reload(
    open_context: OpenContext, globex: httpx.Client
) -> None:
    people = [await newcomer(globex, name) for name in ("Vera", "Nils")]
    # The first look at a board only notes who stands where; moves are told against it.
    record(globex, "admin@globex.demo", "task.completed", 100_000)
    await until(lambda: first_score(globex) >= 100_000)
    viewers = [await (await open_context()).new_page() for _ in people]
    for viewer, email in zip(viewers, people, strict=True):
        await enter(viewer, email, "/portal/settings")
        await expect(viewer.get_by_role("table", name="Devices")).to_be_visible()
        await mark_page(viewer)
    for number, (viewer, email) in enumerate(zip(viewers, people, strict=True), start=2):
        record(globex, email, "task.completed", 100_000 * number)
        await expect(viewer.get_by_text("You lead Points", exact=True).first).to_be_visible()
        await expect(viewer.get_by_role("button", name=BELL)).not_to_have_accessible_name("No unread notifications")
        assert await is_same_page(viewer)


async def test_what_is_read_on_one_device_is_read_on_the_other(open_context: OpenContext, api: httpx.Client) -> None:
    desk, phone = [await (await open_context()).new_page() for _ in range(2)]
    for page in (desk, phone):
        await enter(page, "admin@acme.demo", "/portal/notifications")
        await expect(page.get_by_role("heading", level=1, name="Notifications")).to_be_visible()
    record(api, "admin@acme.demo", publish(api, "Both hands"))
    for page in (desk, phone):
        await expect(page.get_by_role("list", name="Notifications").get_by_text("Unlocked: Both hands")).to_be_visible()
    await desk.get_by_role("button", name="Mark all read").click()
    for page in (desk, phone):
        await expect(page.get_by_role("button", name="No unread notifications")).to_be_visible()
        await expect(page.get_by_role("button", name="Mark all read")).to_have_count(0)
    await desk.get_by_role("radio", name="Unread").click()
    await expect(desk.get_by_text("No notification matches what you chose to see.")).to_be_visible()


async def test_who_turns_a_kind_off_is_told_nothing_of_it(page: Page, api: httpx.Client) -> None:
    await enter(page, "admin@acme.demo", "/portal/notifications")
    switch = page.get_by_role("switch", name="Achievements in the app")
    await expect(switch).to_be_checked()
    await switch.click()
    await expect(switch).not_to_be_checked()
    await page.reload()
    await expect(switch).not_to_be_checked()
    record(api, "admin@acme.demo", publish(api, "Unheard"))
    titles = api.get("/api/v1/notifications", params={"kind": "unlock", "limit": 200}).json()["items"]
    assert "Unlocked: Unheard" not in [item["title"] for item in titles]
    await switch.click()
    await expect(switch).to_be_checked()
    record(api, "admin@acme.demo", publish(api, "Heard again"))
    await expect(page.get_by_role("list", name="Notifications").get_by_text("Unlocked: Heard again")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1440])
async def test_the_moment_fits_the_screen_and_works_by_keyboard(page: Page, api: httpx.Client, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 760})
    await enter(page, "client@acme.demo", "/portal")
    await is_told(page)
    names = [f"Moment {width}a", f"Moment {width}b"]
    for name in names:
        record(api, "client@acme.demo", publish(api, name))
    first, second = (page.get_by_role("article").filter(has_text=name) for name in names)
    await expect(first).to_contain_text("1 more")
    box = await first.bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= width - box["width"]
    await page.get_by_role("button", name=f"Dismiss: {names[0]}").focus()
    await page.keyboard.press("Enter")
    await expect(second).to_be_visible()
    await expect(first).to_have_count(0)
    await page.get_by_role("button", name=f"Dismiss: {names[1]}").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article")).to_have_count(0)
