"""The portfolio in a browser: having a showcase written, changing its words within its figures, publishing, sharing."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenContext, enter
from tests.e2e.test_showcase import write

pytestmark = pytest.mark.parametrize("width", [360, 1440])


async def open_portfolio(page: Page, email: str, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, email, "/portal/portfolio")
    await expect(page.get_by_role("list", name="Showcases")).to_be_visible()


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title, exact=True))


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_a_showcase_is_written_before_ones_eyes_and_published(page: Page, width: int) -> None:
    await open_portfolio(page, "client@acme.demo", width)
    await page.get_by_role("button", name="New showcase").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Before and after").check()
    await dialog.get_by_label("Period", exact=True).select_option("last_90_days")
    title = f"Ninety days at {width}"
    await dialog.get_by_label("Title").fill(title)
    await dialog.get_by_role("button", name="Write it").click()
    await expect(dialog).to_have_count(0)
    await expect(card(page, title).get_by_text(re.compile("^(Being written|Draft)$"))).to_be_visible()
    await page.reload()
    await expect(card(page, title).get_by_text("Draft", exact=True)).to_be_visible(timeout=60_000)
    await page.get_by_role("link", name=title).click()
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    await expect(page.get_by_text("the consent to show the name and the figures is missing")).to_be_visible()
    publish = page.get_by_role("button", name="Publish", exact=True)
    await expect(publish).to_be_disabled()
    for name in ("Name", "Figures"):
        await page.get_by_role("switch", name=re.compile(f"^{name}")).click()
        await expect(page.get_by_role("switch", name=re.compile(f"^{name}"))).to_be_checked()
    await publish.click()
    await page.get_by_role("button", name="Publish showcase").click()
    link = page.get_by_label("Public link", exact=True)
    await expect(link).to_have_value(re.compile("/showcase/ninety-days-at"))
    assert await fits(page)
    story = await page.locator(".bz-story-part").first.locator("p").inner_text()
    await page.goto(await link.input_value())
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await expect(page.locator(".story p").first).to_have_text(story)


async def test_a_number_that_is_no_figure_is_refused_and_nothing_typed_is_lost(
    page: Page, api: httpx.Client, width: int
) -> None:
    view = write(api, title=f"Words of {width}")
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, "admin@acme.demo", f"/portal/portfolio/showcase?id={view['id']}")
    for heading in ("The outcome", "The approach"):
        await page.get_by_role("button", name=f"Change the text of {heading}").click()
        await expect(page.get_by_label(f"Text of {heading}", exact=True)).to_be_focused()
    text = page.get_by_label("Text of The outcome", exact=True)
    await text.fill("We made 123,456,789 of it, and were glad.")
    await page.get_by_label("Text of The approach", exact=True).fill("Still being written")
    form = page.locator("form").filter(has=text)
    await form.get_by_role("button", name="Save text").click()
    await expect(form.get_by_role("alert")).to_have_text('"123,456,789" is none of the figures as they are written.')
    await expect(text).to_have_value("We made 123,456,789 of it, and were glad.")
    points = next(item["rendered"] for item in view["figures"] if item["key"] == "points")
    await text.fill("We made ")
    await form.get_by_role("button", name=f"{points}, Points earned: insert or copy").click()
    await expect(text).to_have_value(f"We made {points}")
    await form.get_by_role("button", name="Save text").click()
    await expect(text).to_have_count(0)
    await expect(page.get_by_label("Text of The approach", exact=True)).to_have_value("Still being written")
    number = page.get_by_role("link", name=points, exact=True).last
    await number.click()
    await expect(page.locator("#figure-points")).to_be_focused()
    assert await fits(page)


async def test_what_failed_says_why_and_is_tried_again(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await enter(page, "client@acme.demo", "/portal/portfolio")
    title = f"Too early {width}"
    await page.get_by_role("button", name="New showcase").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Period", exact=True).select_option("own")
    await dialog.get_by_label("First day").fill("2020-02-01")
    await dialog.get_by_label("Last day").fill("2020-01-01")
    await dialog.get_by_label("Title").fill(title)
    await dialog.get_by_role("button", name="Write it").click()
    await expect(dialog.get_by_text("Must not be after the last day.")).to_be_visible()
    await expect(dialog.get_by_label("Title")).to_have_value(title)
    await dialog.get_by_label("Last day").fill("2020-02-29")
    await dialog.get_by_role("button", name="Write it").click()
    failed = card(page, title)
    await expect(failed.get_by_text("The ledger holds 0 verified actions in this period")).to_be_visible(timeout=60_000)
    await failed.get_by_role("button", name="written again").click()
    await page.get_by_role("dialog").get_by_role("button", name="Write it again").click()
    await expect(failed.get_by_text("Draft", exact=True)).to_be_visible(timeout=60_000)
    assert await fits(page)


async def test_an_administrator_sees_whose_each_is_and_every_visit_as_it_comes(
    page: Page, open_context: OpenContext, api: httpx.Client, width: int
) -> None:
    view = write(api, title=f"Seen at {width}")
    await open_portfolio(page, "admin@acme.demo", width)
    shown = card(page, view["title"])
    await expect(shown.get_by_text("Ana Reyes")).to_be_visible()
    visits = shown.locator(".bz-show-counts dd").first
    await expect(visits).to_have_text("0")
    visitor = await (await open_context()).new_page()
    await visitor.goto(f"/showcase/{view['slug']}")
    await expect(visits).to_have_text("1")
    await page.get_by_label("Status").select_option("failed")
    await expect(shown).to_have_count(0)
    await page.get_by_label("Status").select_option("")
    await page.get_by_label("Search showcases").fill(f"seen at {width}")
    await expect(page.get_by_text("1-1 of 1", exact=True)).to_be_visible()
    await page.get_by_role("link", name=view["title"]).click()
    await page.get_by_role("switch", name=re.compile("^Figures")).click()
    await page.get_by_role("button", name="Take it back").click()
    await expect(page.get_by_text("Taken down", exact=True)).to_be_visible()
    answer = await visitor.reload()
    assert answer is not None
    assert answer.status == 404
