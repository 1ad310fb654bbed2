"""The review desk in real browsers: working through the queue, by hand and by keys, alone and with others."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenContext, enter

ADMIN = "admin@acme.demo"
TRACK = "/api/v1/gamification/referrals/track-conversion"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"


def tell(api: httpx.Client, email: str, device: str) -> dict[str, Any]:
    """Tell a conversion of the administrator's own code, from this device and from an address of its own."""
    code = api.post("/api/v1/gamification/referrals/generate", json={}).json()["code"]
    body = {
        "external_id": f"e2e-{uuid.uuid4()}",
        "code": code,
        "referred_email": email,
        "ip_address": f"91.{len(email)}.{uuid.uuid4().int % 250}.{uuid.uuid4().int % 250}",
        "user_agent": AGENT,
        "device_fingerprint": device,
        "order_value": "64.00",
    }
    answer = api.post(TRACK, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def hold(api: httpx.Client, name: str) -> str:
    """Have one held, because another account used its device before; give the address that it is known by."""
    tag, device = uuid.uuid4().hex[:6], uuid.uuid4().hex
    tell(api, f"first.{name}.{tag}@mailbox.example", device)
    email = f"{name}.{tag}@elsewhere.example"
    assert tell(api, email, device)["status"] == "pending_review"
    return email


def status_of(api: httpx.Client, email: str) -> dict[str, Any]:
    items = api.get("/api/v1/gamification/referrals/conversions", params={"limit": 200}).json()["items"]
    found: dict[str, Any] = next(item for item in items if item["referred_email"] == email)
    return found


def line(page: Page, email: str) -> Any:
    return page.get_by_role("region", name="Queue").get_by_role("button").filter(has_text=email)


async def open_desk(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, ADMIN, "/admin/fraud")
    await expect(page.get_by_role("heading", level=1, name="Fraud")).to_be_visible()


async def open_case(page: Page, email: str) -> None:
    """Choose a case in the list, newest first, and wait until it is shown."""
    back = page.get_by_role("button", name="Back to the queue")
    if await back.is_visible():
        await back.click()
    await page.get_by_role("combobox", name="Order").select_option("Newest first")
    await line(page, email).click()
    await expect(page.get_by_role("heading", level=2).filter(has_text=email)).to_be_visible()


async def choose_list(page: Page, name: str) -> None:
    """Choose one of the lists: a phone offers them in its own picker."""
    chosen = page.get_by_role("radio", name=name)
    if await chosen.is_visible():
        await chosen.click()
    else:
        await page.get_by_role("combobox", name="Which conversions").select_option(name)


@pytest.mark.parametrize("width", [360, 1440])
async def test_a_case_shows_why_and_an_approval_opens_the_next_one(page: Page, api: httpx.Client, width: int) -> None:
    emails = [hold(api, name) for name in ("ines", "jon")]
    await open_desk(page, width)
    await open_case(page, emails[0])
    case = page.get_by_role("region", name="Case")
    await expect(case.get_by_role("img", name=re.compile(r"^Score \d+ of 100\. Review from \d+"))).to_be_visible()
    await expect(case.get_by_text("Other referred accounts used this device.")).to_be_visible()
    await expect(case.get_by_text("A family computer or a shop's tablet.")).to_be_visible()
    await expect(case.get_by_role("img", name=re.compile("^Shared with .*device"))).to_be_visible()
    await expect(case.get_by_role("listitem").filter(has_text="first.ines.").first).to_be_visible()
    await expect(case.get_by_text("From click to decision")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await case.get_by_role("button", name="Approve").click()
    await expect(page.get_by_text(re.compile(r"^Approved\. ")).first).to_be_visible()
    await expect(page.get_by_role("heading", level=2).filter(has_text=emails[0])).to_have_count(0)
    await expect(case.get_by_role("button", name="Approve")).to_be_visible()
    assert status_of(api, emails[0])["status"] == "approved"
    assert status_of(api, emails[1])["status"] == "pending_review"


@pytest.mark.parametrize("width", [360, 1440])
async def test_a_rejection_asks_why_and_keys_sleep_while_one_types(page: Page, api: httpx.Client, width: int) -> None:
    email = hold(api, "arnar")
    await open_desk(page, width)
    await open_case(page, email)
    await page.keyboard.press("n")
    await page.get_by_role("dialog").get_by_label("Note").fill("aa")
    await page.keyboard.type(" arnar")
    await page.get_by_role("button", name="Keep note").click()
    await expect(page.get_by_text("Your note: aa arnar")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Reject this conversion?")
    await expect(dialog.get_by_label("Why")).to_have_value("aa arnar")
    await dialog.get_by_label("Why").fill(" ")
    await dialog.get_by_role("button", name="Reject conversion").click()
    await expect(dialog.get_by_text("Say why, for whoever asks later.")).to_be_visible()
    assert status_of(api, email)["status"] == "pending_review"
    await dialog.get_by_label("Why").fill("One person, two names")
    await dialog.get_by_role("button", name="Reject conversion").click()
    await expect(page.get_by_text("Rejected. No reward is paid.").first).to_be_visible()
    assert (status_of(api, email)["status"], status_of(api, email)["review_note"]) == (
        "rejected",
        "One person, two names",
    )
    await choose_list(page, "Decided")
    await line(page, email).click()
    case = page.get_by_role("region", name="Case")
    await expect(case.get_by_text("Rejected by you")).to_be_visible()
    await expect(case.get_by_text("One person, two names")).to_be_visible()
    await expect(case.get_by_role("button", name="Approve")).to_have_count(0)


async def test_keys_move_decide_and_can_be_turned_off(page: Page, api: httpx.Client) -> None:
    first, second, third = [hold(api, name) for name in ("kara", "leo", "mona")]
    await open_desk(page, 1440)
    await open_case(page, third)
    heading = page.get_by_role("region", name="Case").get_by_role("heading", level=2)
    for key, email in (("j", second), ("j", first), ("k", second)):
        await page.keyboard.press(key)
        await expect(heading).to_contain_text(email)
    await page.keyboard.press("ArrowUp")
    await expect(heading).to_contain_text(third)
    await page.get_by_role("button", name="Keyboard shortcuts: on").click()
    await page.keyboard.press("a")
    await page.get_by_role("button", name="Keyboard shortcuts: off").click()
    assert status_of(api, third)["status"] == "pending_review"
    await page.keyboard.press("a")
    await expect(heading).to_contain_text(second)
    await expect(page.get_by_text(re.compile(r"^Approved\. ")).first).to_be_visible()
    assert status_of(api, third)["status"] == "approved"
    assert status_of(api, second)["status"] == "pending_review"


@pytest.mark.parametrize("width", [360, 1440])
async def test_two_reviewers_see_what_comes_and_what_the_other_decides(
    open_context: OpenContext, api: httpx.Client, width: int
) -> None:
    mine, theirs = [await (await open_context()).new_page() for _ in range(2)]
    for desk in (mine, theirs):
        await open_desk(desk, width)
        await desk.get_by_role("combobox", name="Order").select_option("Newest first")
        await desk.evaluate("window.stillHere = true")
    email = hold(api, "vera")
    for desk in (mine, theirs):
        await expect(line(desk, email)).to_be_visible()
        await line(desk, email).click()
        await expect(desk.get_by_role("heading", level=2).filter(has_text=email)).to_be_visible()
    await mine.get_by_role("region", name="Case").get_by_role("button", name="Approve").click()
    case = theirs.get_by_role("region", name="Case")
    await expect(case.get_by_text("Approved by you")).to_be_visible()
    await expect(case.get_by_role("button", name="Approve")).to_have_count(0)
    await expect(line(theirs, email)).to_have_count(0)
    assert await theirs.evaluate("window.stillHere === true")


@pytest.mark.parametrize("width", [360, 1440])
async def test_thresholds_are_one_for_all_or_each_programmes_own(page: Page, width: int) -> None:
    await open_desk(page, width)
    await page.get_by_role("button", name="Set one for all").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Review from").fill("70")
    await dialog.get_by_label("Reject from").fill("60")
    await dialog.get_by_role("button", name="Save for all programmes").click()
    await expect(dialog.get_by_text("At least as high as the review threshold.")).to_be_visible()
    await dialog.get_by_label("Review from").fill("35")
    await dialog.get_by_label("Reject from").fill("101")
    await dialog.get_by_role("button", name="Save for all programmes").click()
    await expect(page.get_by_text("Review from 35, never rejected by itself")).to_be_visible()
    await expect(page.get_by_text("Not in force").first).to_be_visible()
    await page.get_by_role("button", name="Use each programme's own").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Use their own").click()
    await expect(page.get_by_role("button", name="Set one for all")).to_be_visible()
    await page.get_by_role("button", name=re.compile("^Change the thresholds of")).first.click()
    await dialog.get_by_label("Review from").fill("40")
    await dialog.get_by_label("Reject from").fill("80")
    await dialog.get_by_role("button", name="Save for this programme").click()
    programs = page.get_by_role("list", name="Programmes")
    await expect(programs.get_by_text("Review from 40, reject from 80").first).to_be_visible()


async def test_a_member_is_led_home(page: Page) -> None:
    await enter(page, "client@acme.demo", "/admin/fraud")
    await expect(page.get_by_text("That page belongs to another role")).to_be_visible()
