"""Leaderboards in real browsers: an administrator shapes one, members live with it, and home moves by itself."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenContext, enter, own_score

CLIENT = "client@acme.demo"
ADMIN = "admin@acme.demo"
LIST = "/admin/leaderboards"


def person(api: httpx.Client, email: str) -> dict[str, Any]:
    users = api.get("/api/v1/users", params={"limit": 200}).json()["items"]
    return next(user for user in users if user["email"] == email)


def record(api: httpx.Client, email: str, value: int, event_type: str = "task.completed") -> str:
    event = {"event_id": str(uuid.uuid4()), "type": event_type, "user_id": person(api, email)["id"], "value": value}
    assert api.post("/api/v1/gamification/events", json=event).status_code == 202
    return str(event["event_id"])


def undo(api: httpx.Client, event_id: str) -> None:
    answer = api.post(f"/api/v1/gamification/events/{event_id}/reverse", json={"reason": "test"})
    assert answer.status_code == 200, answer.text


async def fits(page: Page, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 1440])
async def test_a_board_is_shaped_opened_changed_archived_and_restored(page: Page, width: int) -> None:
    title = f"Sprint {width}"
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, ADMIN, LIST)
    await page.get_by_role("link", name="New board").click()
    await expect(page.get_by_role("heading", level=1, name="New leaderboard")).to_be_visible()
    preview = page.get_by_role("table", name="The first places by this definition")
    await expect(preview.get_by_role("row")).to_have_count(11)
    await page.get_by_label("Title").fill(title)
    await page.get_by_label("Title").press("Tab")
    await expect(page.get_by_label("Key")).to_have_value(f"sprint-{width}")
    await page.get_by_label("All time starts again").select_option(label="At times of your own")
    await expect(page.get_by_text("Every Monday at 09:00")).to_be_visible()
    await page.get_by_label("Schedule").fill("*/5 * * * *")
    await page.get_by_label("Schedule").press("Tab")
    await expect(page.locator("#error-resets")).to_have_text("A season must last at least an hour.")
    await page.get_by_label("Schedule").fill("0 18 * * 5")
    await page.get_by_label("Schedule").press("Tab")
    await expect(page.get_by_text("Every Friday at 18:00")).to_be_visible()
    await expect(page.locator(".bz-upcoming li")).to_have_count(3)
    await page.get_by_role("button", name="Add a prize").click()
    await page.get_by_label("Prize for place 1", exact=True).fill("A long weekend")
    await fits(page, width)
    await page.get_by_role("button", name="Open board").click()
    await page.wait_for_url(re.compile(rf"{LIST}/?$"))
    await page.get_by_role("link", name=title, exact=True).click()
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    await expect(page.get_by_label("Prize for place 1", exact=True)).to_have_value("A long weekend")
    await page.get_by_role("radio", name=re.compile("Lowest first")).click()
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("Count this board anew?")
    await page.get_by_role("button", name="Recount").click()
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    await page.goto(LIST)
    await page.get_by_role("button", name=f"Archive {title}").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Archive", exact=True).click()
    await expect(page.get_by_role("link", name=title, exact=True)).to_have_count(0)
    await page.get_by_label("Status").select_option(label="Archived")
    await page.get_by_role("button", name=f"Restore {title}").click()
    await page.get_by_label("Status").select_option(label="Active")
    await expect(page.get_by_role("link", name=title, exact=True)).to_be_visible()


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(page: Page) -> None:
    await enter(page, ADMIN, f"{LIST}/board?board=points")
    await page.get_by_label("Largest change").fill("many")
    await page.get_by_label("Smallest pause between acts").fill("90")
    await page.get_by_role("radio", name=re.compile("Only some")).click()
    await page.get_by_role("checkbox", name="Administrators").click()
    await page.get_by_role("button", name="Save changes").click()
    await page.get_by_role("button", name="Recount").click()
    largest = page.get_by_label("Largest change")
    await expect(largest).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("#error-caps_largest_change")).to_have_text("Must be a number.")
    await expect(largest).to_have_value("many")
    await expect(page.get_by_label("Smallest pause between acts")).to_have_value("90")


@pytest.mark.parametrize("width", [360, 1440])
async def test_a_member_jumps_to_their_place_and_looks_at_a_closed_season(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 780})
    await enter(page, CLIENT, "/portal/leaderboard")
    await expect(page.get_by_text(re.compile(r"^You are \d+(st|nd|rd|th) of \d+, in the top \d+%"))).to_be_visible()
    await expect(page.get_by_role("heading", name="Prizes")).to_be_visible()
    await expect(page.get_by_text("Dinner for two")).to_be_visible()
    await page.get_by_role("button", name="Jump to me").click()
    await expect(page.get_by_text("The members around you.")).to_be_visible()
    await expect(page.locator(".bz-board tr[data-me=true]")).to_be_in_viewport()
    await fits(page, width)
    await page.get_by_role("button", name="Back to the top").click()
    await expect(page.get_by_role("list", name="The first three")).to_be_visible()
    await page.get_by_label("Season").select_option(index=1)
    await expect(page.get_by_text("Final standings")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"^You finished \d+"))).to_be_visible()
    await page.get_by_label("Season").select_option(label="Now, live")
    await expect(page.get_by_text("Final standings")).to_have_count(0)
    await fits(page, width)


async def test_the_rows_around_a_member_move_when_somebody_scores(open_context: OpenContext, api: httpx.Client) -> None:
    page = await (await open_context()).new_page()
    await enter(page, CLIENT, "/portal/leaderboard")
    await page.get_by_role("button", name="Jump to me").click()
    await expect(page.get_by_text("The members around you.")).to_be_visible()
    await page.evaluate("window.stillHere = true")
    total = f"{await own_score(page) + 70_000:,}"
    event_id = record(api, CLIENT, 70_000)
    mine = page.locator(".bz-board tr[data-me=true]")
    await expect(mine).to_contain_text(total)
    await expect(page.get_by_text("The first is on rank 1.")).to_be_visible()
    assert await page.evaluate("window.stillHere") is True
    undo(api, event_id)
    await expect(mine).not_to_contain_text(total)


async def test_home_moves_by_itself_for_who_scores_and_for_who_is_overtaken(
    open_context: OpenContext, api: httpx.Client
) -> None:
    me, other = [await (await open_context()).new_page() for _ in range(2)]
    for viewer, email in ((me, CLIENT), (other, ADMIN)):
        await enter(viewer, email, "/portal")
        await expect(viewer.get_by_role("table", name="Your neighbours on the board")).to_be_visible()
        await viewer.evaluate("window.stillHere = true")
    await expect(me.locator(".bz-goal")).to_have_count(3)
    client, admin = person(api, CLIENT), person(api, ADMIN)
    points = me.locator(".bz-stat").filter(has_text="Points this month")
    before = await points.text_content() or ""
    record_id = record(api, CLIENT, 80_000, "lead.won")
    await expect(points).not_to_have_text(before)
    await expect(me.locator(".bz-stat").filter(has_text="Rank this month")).to_contain_text("this month1of")
    await expect(me.locator(".bz-head p")).to_contain_text("You are 1st of")
    # What the points unlock may stand above it.
    await expect(me.locator(".bz-timeline li").filter(has_text="80,000").first).to_contain_text("Lead won")
    admins_id = record(api, ADMIN, 900_000)
    neighbours = other.get_by_role("table", name="Your neighbours on the board").get_by_role("row")
    await expect(neighbours.nth(1)).to_contain_text(admin["name"])
    await expect(neighbours.nth(2)).to_contain_text(client["name"])
    await expect(me.locator(".bz-head p")).to_contain_text("You are 2nd of")
    for viewer in (me, other):
        assert await viewer.evaluate("window.stillHere") is True
    undo(api, admins_id)
    undo(api, record_id)
    await expect(points).to_have_text(before)
