"""What the wizards made, steered in a browser: campaigns, products and social campaigns, on a phone and at a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.axe import judge
from tests.e2e.conftest import OpenContext, enter
from tests.e2e.test_pages import Complaints, looks, photograph
from tests.support import desks
from tests.support.campaigns import MAIL
from tests.support.mails import said
from tests.support.results import api_of, await_that, read, superuser
from tests.support.servers import Server
from tests.support.social import program

SIZES: Final = {"phone": (360, "admin@initech.demo"), "desktop": (1440, "admin@globex.demo")}
"""Each width with an organisation of its own."""
MEMBERS: Final = 45
"""Of the role `user` in each organisation of the demo."""
pytestmark = [pytest.mark.timeout(600), pytest.mark.parametrize("size", SIZES)]
"""Alone, a test waits for the build of the pages."""


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with program() as url:
        yield url


@pytest.fixture(scope="module")
def site(pages: Server, sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site's pages on a server that may ask the sandbox."""
    allowed = sandbox_url.removeprefix("http://")
    value = Server(tmp_path_factory.mktemp("desks") / "data", pages_of=pages, BIZOSAAS_OUTGOING_ALLOWED=allowed)
    yield value.start(timeout_seconds=420)
    value.stop()


async def come_in(page: Page, size: str) -> Complaints:
    """Sign in at this width; give what the browser complains about from then on."""
    width, email = SIZES[size]
    complaints = Complaints()
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, email)
    complaints.watch(page)
    return complaints


async def see(page: Page, name: str, size: str) -> None:
    """Judge the page as it stands, in both themes, and photograph it."""
    async for look in looks(page, (SIZES[size][0],)):
        await photograph(page, f"/desks/{name}", look)
        await judge(page)
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")


def line(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def told(page: Page, text: str | re.Pattern[str]) -> Locator:
    """A toast."""
    return page.locator("[data-sonner-toast]").filter(has_text=text).first


async def answer(page: Page, button: str) -> None:
    """Answer the question that is open."""
    await page.get_by_role("alertdialog").get_by_role("button", name=button, exact=True).click()
    await expect(page.get_by_role("alertdialog")).to_have_count(0)


async def test_a_campaign_is_paused_resumed_and_cancelled(page: Page, site: Server, size: str) -> None:
    with api_of(site, SIZES[size][1]) as api:
        campaign = desks.launch_campaign(api, "Spring sale", MAIL)
        complaints = await come_in(page, size)
        await page.goto("/admin/campaigns")
        await expect(line(page, "Spring sale")).to_contain_text("Running")
        await expect(line(page, "Spring sale")).to_contain_text(str(MEMBERS))
        await see(page, "campaigns", size)
        await page.get_by_role("button", name="Pause Spring sale").click()
        await expect(line(page, "Spring sale")).to_contain_text("Paused")
        await page.get_by_role("link", name="Spring sale").click()
        await expect(page.get_by_role("heading", level=1, name="Spring sale")).to_be_visible()
        await expect(page.get_by_text(re.compile(r"20\.00$")).first).to_be_visible()
        await page.get_by_role("button", name="Resume").click()
        await expect(told(page, "It goes on.")).to_be_visible()
        await expect(page.get_by_text("next message")).to_be_visible()
        await see(page, "campaign", size)
        await cancel(page, "Spring sale", f"{MEMBERS} messages still to go")
        await expect(told(page, f"{MEMBERS} messages will never go.")).to_be_visible()
        await expect(page.get_by_role("button", name="Cancel campaign")).to_have_count(0)
        await expect(page.get_by_role("row").filter(has_text="The campaign was cancelled.").first).to_be_visible()
        assert read(api, f"/campaigns/{campaign['id']}")["status"] == "cancelled"
    assert complaints == []


async def cancel(page: Page, name: str, consequence: str) -> None:
    """What follows is said; who thinks better of it changes nothing."""
    await page.get_by_role("button", name="Cancel campaign").click()
    question = page.get_by_role("alertdialog", name=f"Cancel {name}?")
    await expect(question).to_contain_text(consequence)
    await judge(page)
    await answer(page, "Keep it")
    await expect(page.get_by_role("button", name="Cancel campaign")).to_be_focused()
    await page.get_by_role("button", name="Cancel campaign").click()
    await answer(page, "Cancel campaign")


async def test_a_message_that_failed_says_why_and_is_sent_again(
    page: Page, site: Server, sandbox_url: str, size: str
) -> None:
    hook = {"kind": "webhook", "url": f"{sandbox_url}/nowhere", "payload": {"hello": "{first_name}"}}
    with api_of(site, SIZES[size][1]) as api:
        campaign = desks.launch_campaign(api, "Winter leftovers", hook, later=False)
        path = f"/campaigns/{campaign['id']}"
        await_that(lambda: read(api, path)["counts"]["failed"] == MEMBERS)
        complaints = await come_in(page, size)
        await page.goto(f"/admin/campaigns/campaign?id={campaign['id']}")
        first = line(page, "refused the message with 404").first
        await expect(first).to_contain_text("Failed")
        await page.get_by_label("Outcome").select_option("Sent")
        await expect(page.get_by_text("Nothing found")).to_be_visible()
        await page.get_by_label("Outcome").select_option("Failed")
        await expect(first).to_be_visible()
        await see(page, "campaign-failed", size)
        await first.get_by_role("button", name=re.compile("^Send again to ")).click()
        await expect(page.get_by_role("alertdialog")).to_contain_text("it may arrive twice")
        await answer(page, "Send again")
        await expect(told(page, "It is sent once more")).to_be_visible()
        await_that(lambda: read(api, path)["counts"]["failed"] == MEMBERS)
    assert complaints == []


async def test_a_campaign_that_is_not_there_is_an_empty_page(page: Page, size: str) -> None:
    complaints = await come_in(page, size)
    for path in ("/admin/campaigns/campaign", "/admin/social/campaign"):
        for named in ("", "?id=x", "?id=00000000-0000-4000-8000-000000000000"):
            await page.goto(path + named)
            await expect(page.get_by_role("heading", name="No such campaign")).to_be_visible()
    assert complaints == []


async def test_products_are_found_taken_along_and_their_import_is_undone(page: Page, site: Server, size: str) -> None:
    with api_of(site, SIZES[size][1]) as api:
        desks.import_products(api)
        desks.publish_product(api, "MUG")
        complaints = await come_in(page, size)
        await page.goto("/admin/products")
        await expect(line(page, "Mug, white")).to_contain_text(re.compile(r"\d+\.\d\d.*%.*Published", re.DOTALL))
        await expect(line(page, "Bowl")).to_contain_text("Not published")
        await see(page, "products", size)
        await page.get_by_role("searchbox", name="Search by name, SKU or category").fill("bowl")
        await expect(line(page, "Mug, white")).to_have_count(0)
        await expect(line(page, "Bowl")).to_be_visible()
        assert "MUG-1" in await export(page)
        await page.get_by_role("tab", name="Offers").click()
        await expect(line(page, "Clayworks")).to_contain_text("0.0125")
        await see(page, "offers", size)
        await page.get_by_role("tab", name="Imports").click()
        await page.get_by_role("button", name="Undo spring.csv").click()
        await expect(page.get_by_role("alertdialog")).to_contain_text("published since stays")
        await answer(page, "Undo")
        await expect(line(page, "spring.csv")).to_contain_text("Undone")
        await line(page, "spring.csv").locator("summary").click()
        await expect(page.get_by_text("Its product has been published since").first).to_be_visible()
        await see(page, "imports", size)
        await page.get_by_role("tab", name="Products").click()
        await expect(page.get_by_text("Nothing found")).to_be_visible()
        assert [item["sku"] for item in read(api, "/sourcing/products")["items"]] == ["MUG-1"]
    assert complaints == []


async def export(page: Page) -> str:
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Export as CSV").click()
    return Path(await (await waiting.value).path()).read_text()


async def test_a_client_asks_for_changes_and_approves_and_the_posts_go_out(
    page: Page, open_context: OpenContext, site: Server, sandbox_url: str, size: str
) -> None:
    with api_of(site, SIZES[size][1]) as api:
        account = desks.connect_account(api, "mastodon", f"ada-{size}", sandbox_url)
        posts = [desks.post(account, "Spring is here"), desks.post(account, "Last days of spring", in_days=3)]
        campaign = desks.launch_social(api, "Spring posts", *posts, client_name="Ms Client")
        complaints = await come_in(page, size)
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.goto("/admin/social")
        await expect(line(page, "Spring posts")).to_contain_text("Waits for approval")
        await see(page, "social", size)
        await page.get_by_role("link", name="Spring posts").click()
        await expect(page.get_by_text("Spring is here")).to_be_visible()
        await see(page, "social-waiting", size)
        client = await (await open_context()).new_page()
        await decide(client, await copied_link(page), "Ask for changes", "Please name the mugs")
        await expect(page.get_by_text("Please name the mugs")).to_be_visible()
        await expect(page.get_by_text("Changes asked for")).to_have_count(2)
        await change_the_first_post(page)
        await ask_again(page, size)
        letter = mail_to(site, "ms.client@shop.example")
        assert await copied_link(page) in said(letter, "plain")
        await read_mail(await (await open_context()).new_page(), said(letter, "html"), size)
        await decide(client, await copied_link(page), "Approve all posts")
        await expect(page.locator(".bz-aside").get_by_text("Approved", exact=True)).to_be_visible()
        await see(page, "social-approved", size)
        await refuse_the_first_post(site, api, sandbox_url, campaign)
        await expect(page.get_by_text("The server does not accept")).to_be_visible()
        await see(page, "social-failed", size)
        await try_it_again(page)
        await cancel(page, "Spring posts", "1 post still to go out")
        await expect(told(page, "1 post will never go out.")).to_be_visible()
        state = read(api, f"/social/campaigns/{campaign['id']}")
        assert (state["state"], state["posts"]) == ("cancelled", {"done": 1, "cancelled": 1})
    assert complaints == []


async def copied_link(page: Page) -> str:
    await page.get_by_role("button", name="Copy link for Ms Client").click()
    await expect(told(page, "Copied")).to_be_visible()
    link: str = await page.evaluate("navigator.clipboard.readText()")
    assert "/approve/" in link
    return link


async def decide(client: Page, link: str, button: str, comment: str = "") -> None:
    """The client answers by the link, without an account."""
    await client.goto(link)
    if comment:
        await client.get_by_role("textbox").fill(comment)
    await client.get_by_role("button", name=button).click()
    await expect(client.get_by_text(re.compile("thank you|you have", re.IGNORECASE)).first).to_be_visible()


async def change_the_first_post(page: Page) -> None:
    """A time that is none is told beside its field, and nothing that was typed is lost."""
    await page.get_by_role("button", name=re.compile("^Change Mastodon")).first.click()
    dialog = page.get_by_role("dialog", name="Change this post")
    await dialog.get_by_label("Text").fill("Spring is here, with mugs")
    at = await dialog.get_by_label("Goes out at").input_value()
    await dialog.get_by_label("Goes out at").fill("soon")
    await dialog.get_by_role("button", name="Save post").click()
    await expect(dialog.get_by_text("Write the time as 2026-01-31 09:30.")).to_be_visible()
    await judge(page)
    await dialog.get_by_label("Goes out at").fill(at)
    await dialog.get_by_role("button", name="Save post").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_text("Spring is here, with mugs")).to_be_visible()


async def ask_again(page: Page, size: str) -> None:
    """By mail this time; an address that is none is told beside its field, and nothing that was typed is lost."""
    await page.get_by_role("button", name="Ask again").press("Enter")  # on a phone a toast may lie over it
    dialog = page.get_by_role("dialog", name="Ask a client to approve")
    await expect(dialog.get_by_label("Client", exact=True)).to_have_value("Ms Client")
    address = dialog.get_by_label("Client's e-mail (optional)")
    await address.fill("ms.client")
    await dialog.get_by_role("button", name="Make link").click()
    await expect(dialog.get_by_text("Not a valid e-mail address.")).to_be_visible()
    await see(page, "social-ask", size)
    await address.fill("ms.client@shop.example")
    await dialog.get_by_role("button", name="Make link").click()
    await expect(told(page, "The link is on its way to ms.client@shop.example.")).to_be_visible()
    await expect(page.get_by_text("Mailed to ms.client@shop.example")).to_be_visible()
    await see(page, "social-mailed", size)


def mail_to(site: Server, address: str) -> EmailMessage:
    """The newest mail to this address."""
    files = sorted((site.data_dir / "mail").glob("*.eml"), reverse=True)
    letters = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return next(letter for letter in letters if letter["To"] == address)


async def read_mail(page: Page, html: str, size: str) -> None:
    """The mail as a reader that draws pages shows it."""
    await page.set_viewport_size({"width": SIZES[size][0], "height": 900})
    await page.set_content(html)
    await expect(page.get_by_role("link", name="Read and answer")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await photograph(page, f"/desks/mail/{size}", str(SIZES[size][0]))
    await judge(page)


async def refuse_the_first_post(site: Server, api: httpx.Client, sandbox_url: str, campaign: dict[str, Any]) -> None:
    """Have its network refuse the first post, as if its hour had come."""
    refusal = {"kind": "refuse", "times": 1}
    httpx.post(f"{sandbox_url}/sandbox/faults", json=refusal).raise_for_status()
    with superuser(site) as database:
        database.execute(
            "UPDATE social_posts SET next_at = now() WHERE campaign_id = %s AND position = 1", (campaign["id"],)
        )
    await_that(lambda: read(api, f"/social/campaigns/{campaign['id']}")["posts"].get("failed"))


async def try_it_again(page: Page) -> None:
    await page.get_by_role("button", name=re.compile("^Try again Mastodon")).click()
    await answer(page, "Try again")
    await expect(page.get_by_text("Published", exact=True)).to_be_visible()
