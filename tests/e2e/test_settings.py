"""What people settle for their organisation and for themselves, in real browsers; and numbers as their readers read."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e import axe
from tests.e2e.conftest import OpenContext, enter
from tests.support.servers import Server

INITECH, GLOBEX_ADMIN = "admin@initech.demo", "admin@globex.demo"
CLIENT = "client@globex.demo"
BRAND, ADAPTED = "#ffd400", re.compile("Adapted to be readable on light pages")

widths = pytest.mark.parametrize("width", [360, 1440])


@pytest.fixture
def stranger(site: Server) -> Iterator[httpx.Client]:
    """Somebody who has nothing but what they were handed."""
    with httpx.Client(base_url=site.url, timeout=30) as client:
        yield client


async def accent(page: Page) -> str:
    """Give what buttons are filled with."""
    root = "document.querySelector('.radix-themes')"
    return str(await page.evaluate(f"getComputedStyle({root}).getPropertyValue('--accent-9').trim()"))


async def judge(page: Page) -> None:
    await axe.judge(page, axe.WCAG)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def open_as(page: Page, email: str, path: str, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, email, path)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".bz-skel")).to_have_count(0)


@widths
async def test_a_brand_is_previewed_saved_and_worn_by_every_member(
    page: Page, open_context: OpenContext, width: int
) -> None:
    await open_as(page, INITECH, "/admin/settings", width)
    await page.emulate_media(reduced_motion="reduce")  # a button on its way from one colour to another is not judged
    standard = await accent(page)
    field = page.get_by_label("Accent colour", exact=True)
    await field.fill("url(x)")
    await expect(page.get_by_role("alert")).to_contain_text("six of 0-9")
    await field.fill(BRAND)
    await expect(page.get_by_text(ADAPTED)).to_be_visible()
    await page.get_by_role("button", name="Save settings").click()
    await expect(page.get_by_text("Settings saved")).to_be_visible()
    await page.wait_for_function(
        "before => getComputedStyle(document.querySelector('.radix-themes')).getPropertyValue('--accent-9').trim() "
        "!== before",
        arg=standard,
    )
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # two of them
        await judge(page)
    member = await (await open_context()).new_page()
    await enter(member, "client@initech.demo", "/portal")
    await member.emulate_media(color_scheme="dark")
    await member.wait_for_function(
        "brand => getComputedStyle(document.querySelector('.radix-themes')).getPropertyValue('--accent-9').trim() "
        "=== brand",
        arg=BRAND,
    )
    await member.goto("/login")
    assert await accent(member) != BRAND
    await page.get_by_role("button", name="Use the standard").click()
    await expect(field).to_have_value("")
    await page.get_by_role("button", name="Save settings").click()
    await page.wait_for_function(
        "before => getComputedStyle(document.querySelector('.radix-themes')).getPropertyValue('--accent-9').trim() "
        "=== before",
        arg=standard,
    )


@widths
async def test_a_time_zone_is_searched_checked_and_counted_by(page: Page, width: int) -> None:
    await open_as(page, INITECH, "/admin/settings", width)
    zone = page.get_by_label("Time zone")
    await expect(zone).not_to_have_value("")
    before = await zone.input_value()
    # Both of one offset: a run that broke off has left the first.
    chosen = "Asia/Tokyo" if before != "Asia/Tokyo" else "Asia/Seoul"
    await zone.fill("Mars/Olympus")
    await page.get_by_role("button", name="Save settings").click()
    await expect(page.get_by_role("alert").filter(has_text="IANA name")).to_be_visible()
    await expect(zone).to_have_attribute("aria-invalid", "true")
    await zone.fill(chosen)
    await expect(page.get_by_text(re.compile(r"there now \(GMT\+9\)"))).to_be_visible()
    await page.get_by_role("button", name="Save settings").click()
    await expect(page.get_by_text("being counted by the days of your time zone")).to_be_visible()
    await page.reload()
    await expect(zone).to_have_value(chosen)
    await zone.fill(before)
    await page.get_by_role("button", name="Save settings").click()
    await expect(page.get_by_text("Settings saved")).to_be_visible()


@widths
async def test_a_key_is_shown_once_works_and_ends_when_revoked(page: Page, stranger: httpx.Client, width: int) -> None:
    name = f"Shop {uuid.uuid4().hex[:6]}"
    frames: list[str | bytes] = []

    def keep(frame: str | bytes) -> None:
        frames.append(frame)

    page.on("websocket", lambda socket: socket.on("framereceived", keep))
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await open_as(page, GLOBEX_ADMIN, "/admin/settings?tab=keys", width)
    await page.get_by_role("button", name="Create a key").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Create key").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Required")
    await dialog.get_by_label("Name").fill(name)
    await judge(page)
    await dialog.get_by_role("button", name="Create key").click()
    shown = page.get_by_role("alertdialog")
    key = await shown.get_by_label("API key", exact=True).input_value()
    assert key.startswith("bzk1_")
    await page.keyboard.press("Escape")
    await expect(shown).to_be_visible()
    await shown.get_by_role("button", name="Copy api key").click()
    assert await page.evaluate("navigator.clipboard.readText()") == key
    await judge(page)
    await expect(page.locator("tr", has_text=name)).to_have_count(1)
    assert frames
    assert not [frame for frame in frames if key in str(frame)]
    event = {"event_id": str(uuid.uuid4()), "type": "order.completed", "value": 1}
    headers = {"X-API-Key": key}
    sent = stranger.post("/api/v1/gamification/events", json=event, headers=headers)
    assert sent.status_code == 202, sent.text
    await shown.get_by_role("button", name="I have stored it").click()
    await expect(shown).to_have_count(0)
    assert key not in await page.content()
    await page.get_by_role("button", name=f"Revoke {name}").click()
    await page.get_by_role("button", name="Revoke key").click()
    await expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Revoked")
    assert stranger.post("/api/v1/gamification/events", json=event, headers=headers).status_code == 401
    await page.get_by_role("tab", name="API use").click()
    await page.get_by_role("button", name="Refresh").click()
    await expect(page.get_by_role("progressbar")).to_be_visible()
    await expect(page.get_by_text("Nothing is used")).to_have_count(0)


@widths
async def test_sharing_is_a_choice_that_can_be_taken_back(page: Page, width: int) -> None:
    await open_as(page, INITECH, "/admin/settings?tab=sharing", width)
    join = page.get_by_role("button", name="Take part in network learning")
    leave = page.get_by_role("button", name="Leave network learning")
    await expect(join.or_(leave)).to_be_visible()
    if await join.is_visible():
        await join.click()
    await leave.click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("taken back")
    await page.get_by_role("button", name="Leave", exact=True).click()
    await expect(join).to_be_visible()
    await join.click()
    await expect(leave).to_be_visible()


@widths
async def test_the_audit_log_is_searched_opened_and_taken_along(page: Page, width: int) -> None:
    await open_as(page, GLOBEX_ADMIN, "/admin/audit", width)
    entries = page.get_by_role("list", name="Entries of the audit log").get_by_role("listitem")
    await page.get_by_role("combobox", name="Kind").select_option("Sign-ins")
    await expect(entries.first).to_contain_text("Signed in")
    await entries.first.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(entries.first.get_by_text("login.succeeded")).to_be_visible()
    await judge(page)
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Export as CSV").click()
    assert (await waiting.value).suggested_filename.startswith("bizosaas-audit-")
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Export as JSON Lines").click()
    assert (await waiting.value).suggested_filename.endswith(".jsonl")
    await page.get_by_label("Search by person or action").fill("nobody at all")
    await expect(page.get_by_text("Nothing found")).to_be_visible()
    await page.get_by_role("button", name="Show everything").click()
    await expect(entries.first).to_be_visible()


@widths
async def test_a_new_name_stands_on_the_board_of_others(page: Page, open_context: OpenContext, width: int) -> None:
    name = f"Robin {uuid.uuid4().hex[:6].title()}"
    other = await (await open_context()).new_page()
    await enter(other, GLOBEX_ADMIN, "/portal/leaderboard")
    await expect(other.get_by_role("table")).to_be_visible()
    await open_as(page, CLIENT, "/portal/settings", width)
    before = await page.get_by_label("Name", exact=True).input_value()
    await page.get_by_label("Name", exact=True).fill(" ")
    await page.get_by_role("button", name="Save name").click()
    await expect(page.get_by_role("alert").filter(has_text="Required")).to_be_visible()
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_role("button", name="Save name").click()
    await expect(page.get_by_text("Boards show your new name")).to_be_visible()
    await expect(other.get_by_text(name).first).to_be_visible()
    await page.get_by_role("radio", name="A pseudonym").check()
    await expect(other.get_by_text(name)).to_have_count(0)
    await page.get_by_role("radio", name="Your name").check()
    await expect(other.get_by_text(name).first).to_be_visible()
    await page.get_by_role("radio", name=re.compile("^Dark")).check()
    await expect(page.locator("html")).to_have_class(re.compile("dark"))
    await judge(page)
    await page.get_by_role("radio", name=re.compile("^As the system")).check()
    await page.get_by_label("Name", exact=True).fill(before)
    await page.get_by_role("button", name="Save name").click()


async def test_numbers_and_dates_read_as_their_reader_is_used_to(browser: Browser, site: Server) -> None:
    found = {}
    for locale in ("de-DE", "en-GB"):
        context = await browser.new_context(base_url=site.url, locale=locale, viewport={"width": 1440, "height": 900})
        page = await context.new_page()
        await enter(page, CLIENT, "/portal/leaderboard")
        board = await page.get_by_role("table").get_by_role("row").nth(1).inner_text()
        await page.goto("/portal/settings")
        day = await page.locator("dl time").first.inner_text()
        found[locale] = board, day
        await context.close()
    assert re.search(r"\d\.\d{3}\b", found["de-DE"][0])
    assert re.search(r"\d,\d{3}\b", found["en-GB"][0])
    assert re.fullmatch(r"\d{2}\.\d{2}\.\d{4}", found["de-DE"][1])
    assert re.fullmatch(r"\d{1,2} \w+ \d{4}", found["en-GB"][1])
