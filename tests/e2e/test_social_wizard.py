"""The social campaign in a browser, by keyboard alone, on the sandbox of the networks: posts that a client approves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from bizosaas_app.kernel.clock import utc_now
from tests.e2e.conftest import OpenContext, enter
from tests.e2e.steps import Seen, leave_and_come_back, look_over
from tests.e2e.test_pages import Complaints
from tests.support.keyboard import Keys, fault, field, heading
from tests.support.results import api_of, await_that, events, read, superuser
from tests.support.servers import Server
from tests.support.social import program

SIZES = {
    "phone": (360, "admin@initech.demo", "Asia/Kolkata"),
    "desktop": (1440, "admin@globex.demo", "America/New_York"),
}
"""Each width with an organisation of its own, and where that is: a draft belongs to one person."""
PATH = "/wizards/social"
LEFT = Seen("Plan", ticked=("Sunday",), filled={re.compile("^Hashtags"): "#spring"})
"""The step that is left in the middle."""


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with program() as url:
        yield url


@pytest.fixture(scope="module")
def site(pages: Server, sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site's pages on a server that may ask the sandbox."""
    allowed = sandbox_url.removeprefix("http://")
    value = Server(tmp_path_factory.mktemp("social") / "data", pages_of=pages, BIZOSAAS_OUTGOING_ALLOWED=allowed)
    yield value.start(timeout_seconds=420)
    value.stop()


@pytest.mark.timeout(600)  # alone, it waits for the build of the pages
@pytest.mark.parametrize("size", SIZES)
async def test_a_social_campaign_by_keyboard_from_accounts_to_posts_that_a_client_approved(
    page: Page, open_context: OpenContext, site: Server, sandbox_url: str, size: str
) -> None:
    width, email, zone = SIZES[size]
    handle, name = size, f"Spring on a {size}"
    complaints = Complaints()
    with api_of(site, email) as api:
        await page.set_viewport_size({"width": width, "height": 900})
        await enter(page, email)
        complaints.watch(page)
        await page.goto(PATH)
        keys = Keys(page)
        await connect_accounts(page, keys, handle, sandbox_url)
        await choose_accounts(page, keys, name, handle)
        await choose_days(page, keys, utc_now().astimezone(ZoneInfo(zone)).date())
        await leave_and_come_back(page, await (await open_context()).new_page(), email, LEFT)
        await write_posts(page, keys, handle)
        await find_the_times(page, keys)
        await ask_a_client(page, keys)
        await look_back(page, keys, name)
        assert read(api, "/social/campaigns")["total"] == 0, "a dry run writes nothing"
        await keys.press("Launch campaign", times=2)
        await expect(heading(page, f"{name} waits for approval")).to_be_focused()
        await look_over(page, "social", "end")
        (campaign,) = read(api, "/social/campaigns")["items"]
        assert texts(sandbox_url, handle) == []
        await expect(page.get_by_role("button", name="Copy link for Ms Client")).to_be_visible()
        link = await page.get_by_label("Link for Ms Client", exact=True).input_value()
        await approve(await (await open_context()).new_page(), link)
        see_what_came_of_it(site, api, email, campaign)
        said = ["Hello from the shop\n\n#sale #spring", "Spring is here\n\n#spring"]
        assert sorted(texts(sandbox_url, handle)) == said, "each post stands on its network once"
    refusal = re.compile(r"\b422\b")  # of the account that was sent empty, which the browser tells as well
    assert [text for text in complaints if not refusal.search(text)] == []


async def connect_accounts(page: Page, keys: Keys, handle: str, url: str) -> None:
    """Where none is connected yet the step leads to it; an access that does not work is told and not kept."""
    await expect(heading(page, "No account connected yet")).to_be_visible()
    for network in ("Mastodon", "X"):
        await keys.press("Connect an account")
        dialog = page.get_by_role("dialog", name="Connect an account")
        await keys.press("Connect account", within=dialog)
        await expect(dialog.get_by_text("Required.")).to_have_count(2)
        await keys.pick("Network", network, within=dialog)
        await keys.write("Account name", handle, within=dialog)
        await keys.write_secret("Access token", "wrong")
        await keys.write("Server (optional)", url, within=dialog)
        await keys.press("Connect account", within=dialog)
        await expect(dialog.get_by_role("alert").first).to_be_visible()
        await keys.write_secret("Access token", f"sandbox-{handle}")
        await keys.press("Connect account", within=dialog)
        await expect(dialog).to_be_hidden()
        await expect(page.get_by_role("checkbox", name=re.compile(f"^{network}: {handle}"))).to_be_visible()


def texts(sandbox_url: str, handle: str) -> list[str]:
    posts = httpx.get(f"{sandbox_url}/sandbox/posts").raise_for_status().json()["posts"]
    return [post["text"] for post in posts if post["account"] == handle]


async def choose_accounts(page: Page, keys: Keys, name: str, handle: str) -> None:
    await expect(heading(page, "Accounts and goal")).to_be_visible()
    await keys.press("Continue")
    await expect(page.get_by_text("2 fields need a correction.")).to_be_visible()
    await expect(fault(page, "name")).to_have_text("Enter the name of the campaign.")
    await expect(fault(page, "accounts")).to_have_text("Choose at least one account.")
    await expect(page.get_by_label("Name of the campaign")).to_be_focused()
    await keys.write("Name of the campaign", name)
    for network in ("Mastodon", "X"):
        account = re.compile(f"^{network}: {handle}")
        await keys.tick(account)
        await expect(page.get_by_role("checkbox", name=account)).to_be_checked()
    await look_over(page, "social", "accounts")
    await keys.press("Continue")
    await expect(heading(page, "Plan")).to_be_focused()


async def choose_days(page: Page, keys: Keys, today: date) -> None:
    await keys.write_day("First day", today - timedelta(days=1))
    await keys.write_day("Last day", today - timedelta(days=2))
    await keys.write("Hashtags of every post (optional)", "#spring")
    await keys.press("Continue")
    await expect(fault(page, "first")).to_have_text("This day has passed.")
    await expect(fault(page, "last")).to_have_text("The last day comes before the first.")
    await expect(page.get_by_label("First day")).to_be_focused()
    await keys.write_day("First day", today + timedelta(days=1))
    await keys.write_day("Last day", today + timedelta(days=2))
    for day in ("Saturday", "Sunday"):
        await keys.tick(day)
        await expect(page.get_by_role("checkbox", name=day)).to_be_checked()
    await look_over(page, "social", "plan")


async def write_posts(page: Page, keys: Keys, handle: str) -> None:
    """What does not fit its network is told beside the text, counted as the network counts."""
    await keys.press("Continue")
    await expect(heading(page, "Posts")).to_be_focused()
    await keys.press("Continue")
    await expect(fault(page, "posts")).to_have_text("Add at least one post.")
    await expect(field(page, "posts")).to_be_focused()
    first = await add_post(page, keys, 0, f"X: {handle}", "a" * 281)
    second = await add_post(page, keys, 1, f"Mastodon: {handle}", "Hello from the shop")
    await expect(second.get_by_label("Title")).to_have_accessible_description("YouTube and Pinterest")
    await expect(second.get_by_label("Picture or video")).to_have_accessible_description("Its https address")
    await keys.write("Hashtags (optional)", "sale", within=second)
    await keys.press("Continue")
    await expect(fault(page, "posts.0.text")).to_have_text("X takes 280 characters; this has 290.")
    await expect(first.get_by_label("Text")).to_be_focused()
    await keys.write("Text", "Spring is here", within=first)
    await keys.to("Continue", "button")
    shown = page.get_by_role("region", name="As the networks take them")
    await expect(shown.get_by_role("cell", name="Fits")).to_have_count(2)
    await look_over(page, "social", "posts")
    await keys.press("Continue")
    await expect(heading(page, "Calendar")).to_be_focused()


async def add_post(page: Page, keys: Keys, number: int, account: str, text: str) -> Locator:
    await keys.press("Add a row to Posts")
    row = page.locator(f'[data-row="posts.{number}"]')
    await keys.pick("Account", account, within=row)
    await keys.write("Text", text, within=row)
    return row


async def find_the_times(page: Page, keys: Keys) -> None:
    await keys.write("From", "9 o'clock")
    await keys.write("Until", "10:00")
    await keys.press("Continue")
    await expect(fault(page, "begins_at")).to_have_text("Use a time such as 09:00.")
    await expect(page.get_by_label("From", exact=True)).to_be_focused()
    await keys.write("From", "09:00")
    await keys.to("Continue", "button")
    times = page.get_by_role("region", name="Calendar", exact=True)
    await expect(times.get_by_role("row", name=re.compile("09:00"))).to_have_count(2)
    await look_over(page, "social", "calendar")
    await keys.press("Continue")
    await expect(heading(page, "Approval and launch")).to_be_focused()


async def ask_a_client(page: Page, keys: Keys) -> None:
    await keys.choose(field(page, "approval"), re.compile("^Ask for it"))
    await expect(page.get_by_label("The link works for")).to_have_value("14")
    await keys.press("Launch campaign")
    await expect(fault(page, "client_name")).to_have_text("Enter the name of the client.")
    await expect(page.get_by_label("Client", exact=True)).to_be_focused()
    await keys.write("Client", "Ms Client")
    await keys.write("Client's e-mail (optional)", "ms.client@shop.example")
    await keys.to("Launch campaign", "button")
    plan = page.locator(".bz-wz-preview")
    await expect(plan).to_contain_text("waits for Ms Client, who gets the link at ms.client@shop.example")
    await expect(plan).to_contain_text("their posts reach nobody")
    await expect(page.locator(".bz-review")).to_contain_text("2 posts")
    await look_over(page, "social", "launch")


async def look_back(page: Page, keys: Keys, name: str) -> None:
    """From the last step to the first and forwards again, without loss."""
    for title in ("Calendar", "Posts", "Plan", "Accounts and goal"):
        await keys.press("Back")
        await expect(heading(page, title)).to_be_focused()
    await expect(page.get_by_label("Name of the campaign")).to_have_value(name)
    for title in ("Plan", "Posts"):
        await keys.press("Continue")
        await expect(heading(page, title)).to_be_focused()
    await expect(page.get_by_role("textbox", name="Text").first).to_have_value("Spring is here")
    await keys.press(re.compile("^Approval and launch"))
    await expect(heading(page, "Approval and launch")).to_be_focused()
    await expect(page.get_by_label("Client", exact=True)).to_have_value("Ms Client")


async def approve(page: Page, link: str) -> None:
    """The client has no account: the link is enough."""
    await page.goto(link)
    await expect(page.get_by_text("Hello from the shop")).to_be_visible()
    await Keys(page).press("Approve all posts")
    await expect(page.get_by_text("you have approved these posts")).to_be_visible()


def see_what_came_of_it(site: Server, api: httpx.Client, email: str, campaign: dict[str, str]) -> None:
    """The posts of one campaign are published, and the ledger knows of each."""
    path = f"/social/campaigns/{campaign['id']}"
    assert read(api, path)["state"] == "running"
    with superuser(site) as database:  # as if their hour had come
        database.execute("UPDATE social_posts SET next_at = now() WHERE campaign_id = %s", (campaign["id"],))
    await_that(lambda: read(api, path)["state"] == "done")
    assert read(api, path)["posts"] == {"done": 2}
    assert events(site, email, "social.launched", campaign_id=campaign["id"]) == 1
    assert events(site, email, "social.posted", campaign_id=campaign["id"]) == 2
    assert events(site, email, "wizard.completed", wizard="social") == 1
    again = api.post(f"/wizards/drafts/{campaign['draft_id']}/complete").raise_for_status().json()
    assert again["finish"]["subject"] == f"social_campaign:{campaign['id']}"
    assert read(api, "/social/campaigns")["total"] == 1
