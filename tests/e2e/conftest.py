"""A production build on one port with the demo data, and browsers to use it: one server and one browser per worker."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.e2e import chromium
from tests.support import built
from tests.support.servers import Server

PASSWORD = "Demo-2026-pass!"
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def pages() -> Server:
    """The build of the front end that every server of the journeys copies."""
    return built.pages()


@pytest.fixture(scope="session")
def site(pages: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("site") / "data", pages_of=pages)
    server.start(timeout_seconds=420)
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        value = await playwright.chromium.launch(executable_path=await chromium.find(), args=chromium.ARGUMENTS)
        yield value
        await value.close()


OpenContext = Callable[[], Awaitable[BrowserContext]]


@pytest.fixture
async def open_context(browser: Browser, site: Server) -> AsyncIterator[OpenContext]:
    """Make a browser profile of its own; each stands for one person at one device."""
    made: list[BrowserContext] = []

    async def make() -> BrowserContext:
        made.append(await browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}))
        return made[-1]

    yield make
    for context in made:
        await context.close()


@pytest.fixture
async def page(open_context: OpenContext) -> Page:
    return await (await open_context()).new_page()


async def sign_in(page: Page, email: str, *, then: str | None = None) -> None:
    """Sign in at the login page as a person would."""
    await page.goto("/login")
    await expect(page.locator("form input:focus")).to_have_count(1)  # what the form remembers stands in it from now on
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(re.compile(rf"{then or '/(portal|admin|platform)'}/?$"))


async def enter(page: Page, email: str, path: str | None = None) -> None:
    """Sign in without the form, for whoever is about something else, and open the page at `path`.

    The session is one of its own, with the cookies that the form would have brought.
    """
    answer = await page.request.post("/api/v1/auth/login", data={"email": email, "password": PASSWORD})
    assert answer.ok, await answer.text()
    if path is not None:
        await page.goto(path)


@pytest.fixture
def api(site: Server) -> Iterator[httpx.Client]:
    """An administrator of Acme over HTTP."""
    with httpx.Client(base_url=site.url, timeout=30) as client:
        answer = client.post("/api/v1/auth/login", json={"email": "admin@acme.demo", "password": PASSWORD})
        answer.raise_for_status()
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


async def own_score(page: Page) -> int:
    """Give the score in the reader's own row of the board that is open: other files have scored before."""
    shown = await page.locator(".bz-board tr[data-me=true]").first.get_attribute("data-score")
    return int((shown or "0").replace(",", ""))
