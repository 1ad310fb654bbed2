"""What agents suggest in the wizards, in a browser: each guess marked with its reason, and what is typed stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from bizosaas_app.kernel.clock import utc_now
from tests.e2e.conftest import enter
from tests.e2e.guide import SCREENS
from tests.e2e.steps import look_over
from tests.e2e.test_pages import Complaints
from tests.support.keyboard import heading
from tests.support.results import api_of
from tests.support.servers import Server
from tests.support.social import program
from tests.support.sourcing import csv_of, row

EMAIL = "admin@acme.demo"
WIDTHS = (1440, 360)
MINE = "In my own words"


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with program() as url:
        yield url


@pytest.fixture(scope="module")
def site(pages: Server, sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site's pages on a server of our own: drafts that are left open here are in nobody's way."""
    allowed = sandbox_url.removeprefix("http://")
    value = Server(tmp_path_factory.mktemp("assists") / "data", pages_of=pages, BIZOSAAS_OUTGOING_ALLOWED=allowed)
    yield value.start(timeout_seconds=420)
    value.stop()


@pytest.fixture
async def person(page: Page) -> Page:
    SCREENS.mkdir(parents=True, exist_ok=True)
    await enter(page, EMAIL)
    return page


@pytest.mark.timeout(600)  # alone, it waits for the build of the pages
async def test_a_letter_is_suggested_and_leaves_what_is_being_typed(person: Page) -> None:
    complaints = Complaints()
    complaints.watch(person)
    await person.goto("/wizards/campaign")
    await person.get_by_label("Name", exact=True).fill("Friends who recommend us")
    await go_on(person, "Channels and budget")
    await suggest(person)
    told = person.get_by_role("status").filter(has_text="Choose at least two channels and enter a budget first.")
    await expect(told).to_be_visible()
    await look_at(person, "campaign", "missing")
    await go_on(person, "Content")
    await expect(told).to_have_count(0)
    subject, text = person.get_by_label("Subject of the mail"), person.get_by_label("Text of the mail")
    await subject.fill(MINE)
    await expect(subject).to_be_focused()
    # A click that leaves the focus where it is: what is typed has not been saved yet.
    await person.get_by_role("button", name="Suggest what is empty").evaluate("button => button.click()")
    await expect(text).to_have_value(re.compile(r"^Hello \{first_name\},[\s\S]*/showcase/"))
    await expect(subject).to_have_value(MINE)
    await expect(guess(person, "email_text")).to_contain_text("Drafted from what you have published")
    await expect(guess(person, "email_subject")).to_have_count(0)
    await look_at(person, "campaign", "suggested")
    await suggest(person)
    await expect(person.get_by_text("Nothing new to suggest. Your answers stay as they are.")).to_be_visible()
    await text.fill("Mine as well")
    await text.blur()
    await expect(guess(person, "email_text")).to_have_count(0)
    await person.reload()
    await expect(subject).to_have_value(MINE)
    await expect(text).to_have_value("Mine as well")
    assert complaints == []


@pytest.mark.timeout(600)
async def test_days_and_posts_are_suggested(person: Page, site: Server, sandbox_url: str) -> None:
    with api_of(site, EMAIL) as api:
        for network in ("mastodon", "x"):
            body = {"network": network, "handle": "ada", "secret": "sandbox-ada", "base_url": sandbox_url}
            api.post("/social/accounts", json=body).raise_for_status()
    await person.goto("/wizards/social")
    await person.get_by_label("Name of the campaign").fill("Friends who recommend us")
    for network in ("Mastodon", "X"):
        await person.get_by_role("checkbox", name=re.compile(f"^{network}: ada")).check()
    await go_on(person, "Plan")
    await suggest(person)
    await expect(guess(person, "first")).to_contain_text("posts")
    tomorrow = (utc_now() + timedelta(days=1)).date().isoformat()
    assert await person.get_by_label("First day").input_value() >= tomorrow
    await look_at(person, "social", "plan-suggested")
    await go_on(person, "Posts")
    await suggest(person)
    await expect(guess(person, "posts")).to_contain_text("Sentences of your showcase")
    rows = await person.locator("[data-row^='posts.']").count()
    assert rows >= 2
    await expect(person.get_by_role("cell", name="Fits")).to_have_count(rows)
    await look_at(person, "social", "posts-suggested")
    await go_on(person, "Calendar")


@pytest.mark.timeout(600)
async def test_texts_are_suggested_for_products_without_one(person: Page, site: Server) -> None:
    with api_of(site, EMAIL) as api:
        content = csv_of([row(weight_kg="0.4"), row(sku="BOWL", name="Bowl", weight_kg="1.25")])
        api.post("/sourcing/imports", content=content, headers={"Content-Type": "text/csv"}).raise_for_status()
    await person.goto("/wizards/sourcing")
    await person.get_by_label("Name of this sourcing").fill("Mugs for spring")
    await person.get_by_label("Units of each product").fill("100")
    await go_on(person, "Candidates")
    await person.get_by_role("radio", name=re.compile("^Products already here")).check()
    await expect(person.get_by_label("CSV file")).to_have_count(0)
    await go_on(person, "Evaluation")
    for sku in ("BOWL", "MUG-1"):
        await person.get_by_role("checkbox", name=re.compile(f"^{sku}")).check()
    await go_on(person, "Prices and texts")
    await suggest(person)
    await expect(guess(person, "listings")).to_contain_text("2 products without a description")
    await expect(person.locator("[data-row^='listings.']")).to_have_count(2)
    await look_at(person, "sourcing", "suggested")
    await go_on(person, "Review and publish")
    await expect(person.locator(".bz-review").get_by_text("Suggested")).to_have_count(1)


async def go_on(page: Page, title: str) -> None:
    await page.get_by_role("button", name="Continue").click()
    await expect(heading(page, title)).to_be_focused()


async def suggest(page: Page) -> None:
    await page.get_by_role("button", name="Suggest what is empty").click()


def guess(page: Page, field: str) -> Locator:
    """The reason that stands at a field which an agent has filled."""
    return page.locator(f"#wizard-{field}-guess")


async def look_at(page: Page, wizard: str, step: str) -> None:
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await look_over(page, wizard, step)
    await page.set_viewport_size({"width": WIDTHS[0], "height": 900})
