"""Referrals in real browsers: sharing a link, following what comes of it, and running the programmes."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import PASSWORD, OpenContext, enter
from tests.support.boards import until

BASE = "/api/v1/gamification/referrals"
MEMBER, ADMIN = "client@acme.demo", "admin@acme.demo"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
WIDTHS = pytest.mark.parametrize("width", [360, 1440])


async def open_at(page: Page, width: int, email: str, path: str) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, email, path)
    await expect(page.get_by_role("heading", level=1, name="Referrals")).to_be_visible()


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def person_of(api: httpx.Client, email: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = api.get("/api/v1/users", params={"q": email}).json()["items"]
    return found[0]


def begin_programme(api: httpx.Client, **terms: Any) -> dict[str, Any]:
    """Begin a programme that approves everything and holds nothing."""
    body = {
        "name": f"Journey {uuid.uuid4().hex[:8]}",
        "landing_url": "https://acme.example/welcome",
        "tiers": [{"key": "first", "name": "First", "threshold": 1, "reward": "12.50"}],
        "hold_days": 0,
        "is_fraud_checked": False,
        **terms,
    }
    answer = api.post(f"{BASE}/programs", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def code_of(api: httpx.Client, email: str, **asked: Any) -> str:
    answer = api.post(f"{BASE}/generate", json={"user_id": person_of(api, email)["id"], **asked})
    assert answer.is_success, answer.text
    return str(answer.json()["code"])


def buy(api: httpx.Client, code: str, value: str = "49.90") -> str:
    """Tell of an order of somebody new, just now; give the letters that their address shows to the referrer."""
    name = uuid.uuid4().hex[:12]
    body = {
        "external_id": f"journey-{name}",
        "code": code,
        "referred_email": f"{name}@{name}.example",
        "ip_address": f"84.{int(name[:2], 16) % 90 + 100}.{int(name[2:4], 16)}.{int(name[4:6], 16) % 250 + 1}",
        "user_agent": AGENT,
        "order_value": value,
        "occurred_at": (datetime.now(UTC) - timedelta(seconds=5)).isoformat(),
    }
    answer = api.post(f"{BASE}/track-conversion", json=body)
    assert answer.status_code == 201, answer.text
    return f"@{name}.example"


async def newcomer(api: httpx.Client) -> str:
    """Have somebody join who has no link yet; give their address."""
    code = api.post(f"{BASE}/generate", json={}).json()["code"]
    email = f"ria-{uuid.uuid4().hex[:8]}@acme.demo"
    body = {"referral_code": code, "email": email, "password": PASSWORD, "name": "Ria Vogt"}
    assert api.post("/api/v1/auth/register", json=body).status_code == 202
    await until(lambda: bool(api.get("/api/v1/users", params={"q": email}).json()["items"]))
    return email


def row_with(page: Page, table: str, text: str) -> Locator:
    return page.get_by_role("table", name=table).get_by_role("row").filter(has_text=text)


@WIDTHS
async def test_a_member_shares_the_link_takes_the_code_along_and_counts_what_came_of_it(page: Page, width: int) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await open_at(page, width, MEMBER, "/portal/referrals")
    link = await page.get_by_label("Your referral link", exact=True).input_value()
    await page.get_by_role("button", name="Copy your referral link").click()
    assert await page.evaluate("navigator.clipboard.readText()") == link
    share = page.get_by_role("list", name="Share your link")
    for channel, start in (("Mail", "mailto:"), ("WhatsApp", "https://wa.me/"), ("LinkedIn", "https://www.linkedin")):
        address = await share.get_by_role("link", name=channel).get_attribute("href")
        assert (address or "").startswith(start)
    await expect(page.get_by_role("img", name=f"QR code of {link}")).to_be_visible()
    for name, mark in (("Save QR code as PNG", b"\x89PNG"), ("Save QR code as SVG", b"<svg")):
        async with page.expect_download() as waited:
            await page.get_by_role("button", name=name).click()
        path = await (await waited.value).path()
        assert mark in path.read_bytes()[:200]
    await count_the_funnel(page, width)
    assert await fits(page)


async def count_the_funnel(page: Page, width: int) -> None:
    await expect(page.get_by_text("In the last 90 days there were")).to_be_visible()
    if width < 640:
        await page.get_by_role("combobox", name="Period").select_option("All time")
    else:
        await page.get_by_role("radio", name="All time").click()
    await expect(page.get_by_text("Since the beginning there were")).to_be_visible()
    await page.get_by_role("tab", name="Table").click()
    table = page.get_by_role("table", name="From clicks to rewards")
    await expect(table.get_by_role("row", name=re.compile("^Conversions .*of clicks$"))).to_be_visible()


@WIDTHS
async def test_a_conversion_comes_in_and_is_undone_before_the_members_eyes(
    open_context: OpenContext, api: httpx.Client, width: int
) -> None:
    """Two browsers: the member watches, the administrator undoes it after a refund."""
    mine, desk = [await (await open_context()).new_page() for _ in range(2)]
    await open_at(mine, width, MEMBER, "/portal/referrals")
    await expect(mine.get_by_role("table", name="Conversions of your link")).to_be_visible()
    await mine.evaluate("window.stillHere = true")
    await open_at(desk, width, ADMIN, "/admin/referrals?tab=conversions")
    await expect(desk.get_by_role("table", name="Conversions of all programmes")).to_be_visible()
    domain = buy(api, code_of(api, MEMBER))
    row = row_with(mine, "Conversions of your link", domain)
    await expect(row).to_contain_text("Held until")
    await expect(row).to_contain_text("in case of a refund.")
    their = row_with(desk, "Conversions of all programmes", domain)
    await expect(their).to_have_count(1)
    await desk.get_by_label("Search by address or order").fill(domain)
    await expect(desk.get_by_role("table", name="Conversions of all programmes").locator("tbody tr")).to_have_count(1)
    await expect(their).to_contain_text("Approved")
    await their.get_by_role("button", name=re.compile("^Undo the conversion")).click()
    await desk.get_by_role("button", name="Undo conversion").click()
    await expect(desk.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    await desk.get_by_label("Reason").fill("The order was refunded")
    await desk.get_by_role("button", name="Undo conversion").click()
    await expect(their).to_contain_text("Taken back")
    await expect(row).to_contain_text("The order behind it was undone.")
    assert await mine.evaluate("window.stillHere === true")
    assert await fits(mine)
    assert await fits(desk)


@WIDTHS
async def test_who_has_no_link_gets_one_with_one_click(page: Page, api: httpx.Client, width: int) -> None:
    await open_at(page, width, await newcomer(api), "/portal/referrals")
    await page.get_by_role("button", name="Get my link").click()
    await expect(page.get_by_label("Your referral link", exact=True)).to_have_value(re.compile("/r/"))
    await expect(page.get_by_text("No conversions yet")).to_be_visible()
    await expect(page.get_by_text("Not in a tier yet")).to_be_visible()


@WIDTHS
async def test_a_programme_is_made_changed_paused_and_archived(page: Page, width: int) -> None:
    name = f"Partners {uuid.uuid4().hex[:6]}"
    await open_at(page, width, ADMIN, "/admin/referrals")
    await page.get_by_role("button", name="New programme").click()
    editor = page.get_by_role("dialog", name="New programme")
    await editor.get_by_label("Name", exact=True).first.fill(name)
    await editor.get_by_label("Landing page").fill("acme.example")
    await editor.get_by_role("button", name="Add tier").click()
    rows = editor.get_by_role("list", name="Tiers, the lowest first").get_by_role("listitem")
    for place, (tier, threshold) in enumerate((("Gold", "10"), ("Silver", "1"))):
        await rows.nth(place).get_by_label("Name").fill(tier)
        await rows.nth(place).get_by_label("From referrals").fill(threshold)
        await rows.nth(place).get_by_label("Reward each").fill("7.5")
    await editor.get_by_role("button", name="Save programme").click()
    await expect(editor.get_by_label("Landing page")).to_have_attribute("aria-invalid", "true")
    await expect(editor.get_by_text("Thresholds must rise from tier to tier.")).to_be_visible()
    await expect(editor.get_by_text("2 fields need another look.")).to_be_visible()
    await editor.get_by_label("Landing page").fill("https://acme.example/partners")
    await editor.get_by_role("button", name="Move tier 2 up").click()
    await expect(rows.nth(0).get_by_label("Name")).to_have_value("Silver")
    await editor.get_by_role("button", name="Save programme").click()
    await expect(editor).to_have_count(0)
    row = row_with(page, "Referral programmes", name)
    await expect(row).to_contain_text("2 tiers")

    await row.get_by_role("button", name=f"Edit {name}").press("Enter")
    editor = page.get_by_role("dialog", name=f"Edit {name}")
    await editor.get_by_role("button", name="Remove tier 1").click()
    await editor.get_by_role("button", name="Save programme").click()
    await expect(row).to_contain_text("1 tier")
    for act, status in (("Pause", "Paused"), ("Start", "Running"), ("Archive", "Archived")):
        # By keyboard: on a phone what was just told lies over the last row for a moment.
        await row.get_by_role("button", name=f"{act} {name}").press("Enter")
        if act != "Start":
            await page.get_by_role("alertdialog").get_by_role("button", name=act).click()
        await expect(row).to_contain_text(status)
    await expect(row.get_by_role("button")).to_have_count(0)
    assert await fits(page)


@WIDTHS
async def test_a_payout_says_whom_and_how_much_and_the_member_sees_it(
    page: Page, api: httpx.Client, width: int
) -> None:
    programme = begin_programme(api)
    code = code_of(api, MEMBER, program_id=programme["id"])
    for _ in range(2):
        buy(api, code)
    await open_at(page, width, ADMIN, "/admin/referrals?tab=payouts")
    await page.get_by_role("combobox", name="Programme").select_option(programme["name"])
    name = person_of(api, MEMBER)["name"]
    await page.get_by_role("button", name=f"Pay {name}").click()
    dialog = page.get_by_role("alertdialog", name=f"Pay €25.00 to {name}?")
    await dialog.get_by_role("button", name="Pay out").click()
    await expect(page.get_by_text(f"Paid €25.00 to {name}")).to_be_visible()
    await expect(page.get_by_text("Nothing is due")).to_be_visible()
    account = api.get(
        f"{BASE}/rewards", params={"program_id": programme["id"], "user_id": person_of(api, MEMBER)["id"]}
    )
    assert account.json()["balance"]["paid"]["amount"] == "25.00"
    assert await fits(page)


@WIDTHS
async def test_a_member_is_given_a_code_of_a_chosen_word(page: Page, width: int) -> None:
    word = f"SPRING{uuid.uuid4().hex[:6].upper()}"
    await open_at(page, width, ADMIN, "/admin/referrals")
    await page.get_by_role("button", name="Give a code").click()
    dialog = page.get_by_role("dialog", name="Give a member a code")
    await dialog.get_by_label("Member's e-mail").fill("nobody@acme.demo")
    await dialog.get_by_label("Code").fill(word)
    await dialog.get_by_role("button", name="Give code").click()
    await expect(dialog.get_by_text("No member of yours has this address.")).to_be_visible()
    await dialog.get_by_label("Member's e-mail").fill(MEMBER)
    await dialog.get_by_role("button", name="Give code").click()
    await expect(page.get_by_label("Link", exact=True)).to_have_value(re.compile(f"/r/{word}$"))
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
