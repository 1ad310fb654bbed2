"""A showcase by its agent in a real browser: with scripts and without, and with words that would like to run."""

from __future__ import annotations

import json
import re
import time
from datetime import timedelta
from typing import Any

import httpx
from playwright.async_api import Browser, Page, expect

from bizosaas_app.kernel.clock import utc_now
from tests.support.servers import Server

HOSTILE = '</script><script>document.title="owned"</script><img src=x onerror=document.title="owned">'
PATIENCE_SECONDS = 60


def write(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    """Have a showcase written and published; give it."""
    today = utc_now().date()
    days = {"from": str(today - timedelta(days=40)), "to": str(today - timedelta(days=1))}
    body = {"template": "case_study", "publish": True, **days, **fields}
    answer = api.post("/api/v1/gamification/portfolio/generate", json=body)
    assert answer.status_code == 202, answer.text
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        view: dict[str, Any] = api.get(f"/api/v1/gamification/portfolio/{answer.json()['portfolio_id']}").json()
        if view["status"] != "generating":
            assert view["status"] == "published", view["failure"]
            return view
        time.sleep(0.2)
    raise AssertionError("the showcase was not written")


async def test_a_reader_without_scripts_sees_the_whole_page(browser: Browser, site: Server, api: httpx.Client) -> None:
    view = write(api)
    assert view["engine"] == "embedded"
    context = await browser.new_context(base_url=site.url, java_script_enabled=False)
    try:
        page = await context.new_page()
        await page.goto(f"/showcase/{view['slug']}")
        await expect(page.get_by_role("heading", level=1)).to_have_text(view["title"])
        for heading in ("The situation", "The approach", "The outcome", "The figures", "The proof", "All figures"):
            await expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        await expect(page.get_by_role("link", name="LinkedIn")).to_be_visible()
        graph = json.loads(await page.locator('script[type="application/ld+json"]').inner_text())["@graph"]
        assert {item["@type"] for item in graph} == {"Article", "Organization", "BreadcrumbList"}
        image = await page.locator('meta[property="og:image"]').get_attribute("content")
        picture = await page.request.get(f"/showcase/{view['slug']}/image.png")
        assert (image or "").endswith("/image.png")
        assert picture.headers["content-type"] == "image/png"
    finally:
        await context.close()


async def test_words_that_would_like_to_run_are_read(page: Page, api: httpx.Client) -> None:
    view = write(api, title=HOSTILE)
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    await page.goto(f"/showcase/{view['slug']}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    assert await page.locator("img[src=x]").count() == 0
    assert (await page.title()).startswith("</script>")
    assert asked == []


async def test_a_page_that_was_taken_down_is_gone_at_once(page: Page, api: httpx.Client) -> None:
    view = write(api)
    assert (await page.goto(f"/showcase/{view['slug']}")).status == 200  # type: ignore[union-attr]
    api.post(f"/api/v1/gamification/portfolio/{view['id']}/unpublish").raise_for_status()
    answer = await page.reload()
    assert answer is not None
    assert answer.status == 404
    await expect(page.get_by_role("heading", level=1)).to_have_text("There is no showcase here")
    assert await page.locator('meta[name="robots"]').get_attribute("content") == "noindex"
    await page.get_by_role("link", name="Go to the home page").click()
    await expect(page).to_have_url(re.compile("/login"))
